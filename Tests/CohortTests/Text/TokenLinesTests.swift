import Testing
import Tokenization
import cohort

private func lines(json: Bool = false, special: Bool = true) throws -> TokenLines {
    TokenLines(
        tokenizer: try Tokenizer(json: Array(Tokenizer.arithmeticJSON().utf8)), isJSON: json,
        withSpecialTokens: special)
}

@Suite("Lines of text and of token ids")
struct TokenLinesTests {
    @Test("A line of text gives an array of ids, which gives the text back")
    func roundTrip() throws {
        var lines = try lines()
        #expect(try lines.encode("1+2=") == "[6,15,7,17]")
        #expect(try lines.decode("[6, 15,7,17]") == "1+2=")
        #expect(try lines.encode("") == "[]")
        #expect(try lines.decode("[]") == "")
    }

    @Test("With JSON, texts hold line ends; without, decoded ones are escaped for a terminal")
    func lineEnds() throws {
        var json = try lines(json: true)
        #expect(try json.encode(#""a\nb""#) == "[18,3,19]")
        #expect(try json.decode("[18,3,19]") == #""a\nb""#)
        #expect(try lines().decode("[18,3,19]") == #"a\nb"#)
    }

    @Test("Special tokens are kept in decoded text unless they are not wanted")
    func specialTokens() throws {
        #expect(try lines().decode("[1,18,2]") == "<|im_start|>a<|im_end|>")
        #expect(try lines(special: false).decode("[1,18,2]") == "a")
    }

    @Test("Characters without a token are counted over all lines")
    func dropped() throws {
        var lines = try lines()
        #expect(try lines.encode("Ä1") == "[6]")
        #expect(try lines.encode("öß") == "[]")
        #expect(lines.droppedCharacters == 6)
    }

    @Test("Lines that are neither are refused with what they should be")
    func refused() throws {
        var json = try lines(json: true)
        #expect(throws: LineProblem("invalid JSON at column 1: not a JSON value")) {
            try json.encode("a")
        }
        #expect(throws: LineProblem("a text must be a JSON string, such as \"1+1=\"")) {
            try json.encode("[1]")
        }
        let ids = try lines()
        #expect(throws: LineProblem("token ids must be a JSON array, such as [1, 2]")) {
            try ids.decode("7")
        }
        for id in ["64", "-1", "1.5", "99999999999999999999", "\"a\""] {
            #expect(throws: LineProblem("\(id) is not a token id; the tokenizer has ids below 64"))
            {
                try ids.decode("[0,\(id)]")
            }
        }
    }

    @Test("Lines are cut wherever the pieces of a stream end")
    func cutting() {
        let bytes = Array("one\n\ntwo\r\nlast".utf8)
        for cut in bytes.indices {
            var cutter = LineCutter()
            let lines = cutter.add(Array(bytes[..<cut])) + cutter.add(Array(bytes[cut...]))
            #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "", "two\r"])
            #expect(String(decoding: cutter.pending, as: UTF8.self) == "last")
        }
    }
}
