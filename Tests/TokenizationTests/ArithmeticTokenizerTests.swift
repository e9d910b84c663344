import Testing
import Tokenization

@Suite("The built-in vocabulary")
struct ArithmeticTokenizerTests {
    let tokenizer: Tokenizer

    init() throws {
        tokenizer = try Tokenizer(json: Array(Tokenizer.arithmeticJSON().utf8))
    }

    @Test("Its file is the one that the golden ids of the tokenizers library were made with")
    func committedFile() throws {
        #expect(
            sameScalars(Tokenizer.arithmeticJSON(), try Fixtures.text("arithmetic/tokenizer.json")))
    }

    @Test("It has 64 ids, each with a token")
    func size() {
        #expect(tokenizer.vocabularySize == 64)
        for id in 0..<64 as Range<Int32> {
            #expect(tokenizer.token(id).flatMap { tokenizer.id(of: $0) } == id)
        }
    }

    @Test("Special tokens have the first ids and are skipped in decoding")
    func special() {
        #expect(tokenizer.encode("<|endoftext|><|im_start|><|im_end|>") == [0, 1, 2])
        #expect(tokenizer.specialTokenIDs == [0, 1, 2])
        #expect(tokenizer.decode(tokenizer.encode("105<|im_end|>")) == "105")
    }

    @Test("Every digit is one token, and every character of a task round-trips")
    func digits() {
        for digit in "0123456789" { #expect(tokenizer.encode(String(digit)).count == 1) }
        #expect(tokenizer.encode("94+11=").count == 6)
        let text = "what is 94+11-3=? (<user>: \"no\")\n".filter { $0 != "\"" }
        #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }

    @Test("Ids never change: trained models depend on them")
    func stability() {
        #expect(tokenizer.encode("\n 0123456789+-=a") == Array(3...18))
        #expect(tokenizer.encode("z*|") == [43, 44, 63])
    }
}
