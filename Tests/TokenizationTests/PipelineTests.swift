import Testing
import Tokenization

/// A tokenizer whose tokens are single characters, with further parts of the file.
private func tokenizer(_ parts: String, characters: String = "abc▁ -1,é") throws -> Tokenizer {
    let vocabulary = characters.unicodeScalars.enumerated().map { "\"\($1)\":\($0)" }
    return try Tokenizer(
        json: Array(
            "{\"model\":{\"vocab\":{\(vocabulary.joined(separator: ","))},\"merges\":[]},\(parts)}"
                .utf8))
}

/// A tokenizer that shows where pieces end: whole pieces are tokens, one after another.
private func pieces(of text: String, _ preTokenizer: String) throws -> [String] {
    var candidates: [String] = []
    let scalars = Array(text.unicodeScalars)
    for start in scalars.indices {
        for end in start..<scalars.count {
            candidates.append(String(String.UnicodeScalarView(scalars[start...end])))
        }
    }
    let names = Set(candidates.flatMap { [$0, "▁" + $0, $0.replacing(" ", with: "▁")] })
    let vocabulary = names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",")
    let tokenizer = try Tokenizer(
        json: Array(
            "{\"model\":{\"ignore_merges\":true,\"vocab\":{\(vocabulary)},\"merges\":[]},\"pre_tokenizer\":\(preTokenizer)}"
                .utf8))
    return tokenizer.encode(text).map { tokenizer.token($0) ?? "?" }
}

@Suite("Steps of a tokenizer one by one")
struct PipelineTests {
    @Test(
        "A split keeps, drops or joins its matches as its behaviour says",
        arguments: [
            ("Removed", false, ["a", "b", "c"]),
            ("Isolated", false, ["a", "-", "b", "-", "-", "c"]),
            ("MergedWithPrevious", false, ["a-", "b-", "-", "c"]),
            ("MergedWithNext", false, ["a", "-b", "-", "-c"]),
            ("Contiguous", false, ["a", "-", "b", "--", "c"]), ("Removed", true, ["-", "-", "-"]),
            ("MergedWithPrevious", true, ["a", "-b", "-", "-c"]),
        ])
    func behaviors(_ behavior: String, _ inverted: Bool, _ expected: [String]) throws {
        let split =
            #"{"type":"Split","pattern":{"String":"-"},"behavior":"\#(behavior)","invert":\#(inverted)}"#
        #expect(try pieces(of: "a-b--c", split) == expected)
    }

    @Test(
        "Plain expressions find runs of one kind of character",
        arguments: [
            (#"\\s+"#, ["a", "  ", "b", " ", "11c"]), (" {2,}", ["a", "  ", "b 11c"]),
            (#"\\p{N}"#, ["a  b ", "1", "1", "c"]), ("[a-b ]+", ["a  b ", "11c"]),
            ("1{1,1}", ["a  b ", "1", "1", "c"]), (#"[c\\p{N}]{3}"#, ["a  b ", "11c"]),
        ])
    func expressions(_ pattern: String, _ expected: [String]) throws {
        let split =
            #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated","invert":false}"#
        #expect(try pieces(of: "a  b 11c", split) == expected)
    }

    @Test(
        "Expressions of any other form are refused",
        arguments: [
            "a*", "a?", "a|b", "(a)", "^a", "[^a]", "ab", "a{0,2}", "a{3,2}", "a{99999999}",
            "[b-a]",
            "[a", "\\\\w", "\\\\d", ".", "a+?", "\\\\p{Han}", "[a&&b]", "", "\\\\", "[]",
        ])
    func refusedExpressions(_ pattern: String) {
        #expect(throws: TokenizerError.self) {
            try tokenizer(
                #""normalizer":{"type":"Replace","pattern":{"Regex":"\#(pattern)"},"content":"x"}"#)
        }
    }

    @Test("Metaspace puts its character in front always, at the very beginning, or never")
    func metaspace() throws {
        let added = #""added_tokens":[{"id":9,"content":"<x>","special":true}],"#
        for (scheme, expected) in [
            (#","prepend_scheme":"always""#, [3, 0, 3, 1, 9, 3, 2]),
            (#","prepend_scheme":"first""#, [3, 0, 3, 1, 9, 2]),
            (#","prepend_scheme":"never""#, [0, 3, 1, 9, 2]),
            (#","add_prefix_space":false"#, [0, 3, 1, 9, 2]),
            ("", [3, 0, 3, 1, 9, 3, 2]),
        ] as [(String, [Int32])] {
            let file = added + #""pre_tokenizer":{"type":"Metaspace","replacement":"▁"\#(scheme)}"#
            #expect(try tokenizer(file).encode("a b<x>c") == expected, "\(scheme)")
        }
        #expect(throws: TokenizerError.self) {
            try tokenizer(
                #""pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","add_prefix_space":false}"#
            )
        }
    }

    @Test("Words of a long piece are merged alone only where no merge crosses them")
    func words() throws {
        for crossing in [false, true] {
            let model =
                #"{"model":{"vocab":{"a":0,"▁":1,"a▁":2,"▁a":3},"merges":[\#(crossing ? #""a ▁","# : "")"▁ a"]}}"#
            let tokenizer = try Tokenizer(json: Array(model.utf8))
            #expect(tokenizer.encode("a▁a▁▁a") == (crossing ? [2, 2, 3] : [0, 3, 1, 3]))
        }
    }

    @Test("Known patterns are known in their other spellings")
    func spellings() throws {
        let spelling =
            #"'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"#
        let split =
            #"{"type":"Split","pattern":{"Regex":"\#(spelling)"},"behavior":"Isolated","invert":false}"#
        #expect(
            try pieces(of: "it's  1234 !?", split) == ["it", "'s", " ", " ", "123", "4", " !?"])
        let gpt2 =
            #"'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"#
        let plain =
            #"{"type":"Split","pattern":{"Regex":"\#(gpt2)"},"behavior":"Isolated","invert":false}"#
        #expect(try pieces(of: "it's 1234", plain) == ["it", "'s", " 1234"])
    }

    @Test("Characters come out of a streaming decoder whole, as soon as they are")
    func streaming() throws {
        let tokenizer = try Fixtures.tokenizer("llama3")
        let ids = "é日😀!".utf8.map { tokenizer.id(of: byteName($0))! }
        var decoder = StreamingDecoder(tokenizer)
        #expect(ids.map { decoder.append($0) } == ["", "é", "", "", "日", "", "", "", "😀", "!"])
        #expect(decoder.append(ids[2]) == "")
        #expect(decoder.finish() == "\u{FFFD}")
        var broken = StreamingDecoder(tokenizer)
        #expect(
            [ids[5], ids[0], ids[9]].map { broken.append($0) } == ["", "\u{FFFD}", "\u{FFFD}!"])
    }

    /// GPT-2's stand-in for a byte.
    private func byteName(_ byte: UInt8) -> String {
        let bytes = (0..<256).filter {
            (0x21...0x7E).contains($0) || (0xA1...0xAC).contains($0) || $0 >= 0xAE
        }
        let others = (0..<256).filter { !bytes.contains($0) }
        let code = bytes.contains(Int(byte)) ? Int(byte) : 256 + others.firstIndex(of: Int(byte))!
        return String(Unicode.Scalar(UInt32(code))!)
    }

    @Test("Strip takes no more than it may from each end, however the text comes in parts")
    func strip() throws {
        for (fuse, expected) in [(true, "-a-b"), (false, "a-b")] {
            let decoders =
                (fuse ? [#"{"type":"Fuse"}"#] : []) + [
                    #"{"type":"Strip","content":"-","start":1,"stop":2}"#
                ]
            let tokenizer = try tokenizer(
                #""decoder":{"type":"Sequence","decoders":[\#(decoders.joined(separator: ","))]}"#)
            // Fused: "--a-b--" loses one and two; alone, every "-" goes.
            let ids: [Int32] = fuse ? [5, 5, 0, 5, 1, 5, 5] : [5, 0, 5, 1, 5]
            let text = tokenizer.decode(ids)
            #expect(text == (fuse ? expected : "ab"))
            var stream = StreamingDecoder(tokenizer)
            #expect(ids.map { stream.append($0) }.joined() + stream.finish() == text)
        }
    }
}
