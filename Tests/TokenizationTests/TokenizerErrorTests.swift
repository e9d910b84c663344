import Testing
import Tokenization

/// A small file with parts to replace.
private func file(
    model: String = #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#,
    rest: String = ""
) -> String {
    "{\"version\":\"1.0\",\"model\":\(model)\(rest.isEmpty ? "" : ",")\(rest)}"
}

private func load(_ text: String) throws(TokenizerError) -> Tokenizer {
    try Tokenizer(json: Array(text.utf8))
}

@Suite("Tokenizer files that must not load")
struct TokenizerErrorTests {
    @Test("The sound file loads")
    func sound() throws {
        #expect(try load(file()).encode("abba") == [2, 1, 0])
        #expect(
            try load(file(model: #"{"vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}"#)).encode(
                "ab") == [2])
    }

    @Test(
        "Parts that are not implemented are refused by name",
        arguments: [
            (#""normalizer":{"type":"Precompiled"}"#, "normalizer Precompiled"),
            (
                #""normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Nmt"}]}"#,
                "normalizer.normalizers[1] Nmt"
            ),
            (
                #""normalizer":{"type":"Replace","pattern":{"Regex":"a|b"},"content":""}"#,
                "normalizer Replace with the pattern a|b"
            ),
            (#""pre_tokenizer":{"type":"UnicodeScripts"}"#, "pre_tokenizer UnicodeScripts"),
            (
                #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated","invert":false}"#,
                #"pre_tokenizer Split with the pattern \w+"#
            ),
            (
                #""pre_tokenizer":{"type":"Split","pattern":{"String":""},"behavior":"Removed","invert":false}"#,
                "pre_tokenizer Split with an empty pattern"
            ),
            (
                #""pre_tokenizer":{"type":"Split","pattern":{"String":"x"},"behavior":"Kept","invert":false}"#,
                #"pre_tokenizer.behavior "Kept""#
            ),
            (
                #""pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"last"}"#,
                #"pre_tokenizer.prepend_scheme "last""#
            ),
            (
                #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"}]}"#,
                "pre_tokenizer.pretokenizers[1] Digits after ByteLevel"
            ),
            (
                #""normalizer":{"type":"StripAccents"},"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}"#,
                "pre_tokenizer Metaspace with prepend_scheme \"first\" after a normalizer that removes text"
            ),
            (#""post_processor":{"type":"BertProcessing"}"#, "post_processor BertProcessing"),
            (#""decoder":{"type":"WordPiece"}"#, "decoder WordPiece"),
            (
                #""decoder":{"type":"Sequence","decoders":[{"type":"ByteLevel"},{"type":"ByteFallback"}]}"#,
                "decoder.decoders[1] ByteFallback after ByteLevel"
            ),
        ])
    func unsupported(_ part: String, _ name: String) throws {
        let error = #expect(throws: TokenizerError.self) { try load(file(rest: part)) }
        #expect(
            error?.description
                == "tokenizer.json: \(name) is not supported; loading it anyway would give wrong token ids"
        )
    }

    @Test(
        "Model settings that would change ids are refused by name",
        arguments: [
            (#"{"type":"WordPiece","vocab":{},"merges":[]}"#, "model WordPiece"),
            (#"{"type":"BPE","dropout":0.1,"vocab":{},"merges":[]}"#, "model.dropout 0.1"),
            (
                #"{"type":"BPE","continuing_subword_prefix":"@@","vocab":{},"merges":[]}"#,
                "model.continuing_subword_prefix \"@@\""
            ),
            (
                #"{"type":"BPE","end_of_word_suffix":"</w>","vocab":{},"merges":[]}"#,
                "model.end_of_word_suffix \"</w>\""
            ),
        ])
    func unsupportedModel(_ model: String, _ name: String) throws {
        let error = #expect(throws: TokenizerError.self) { try load(file(model: model)) }
        #expect(error?.description.hasPrefix("tokenizer.json: \(name) is not supported") == true)
    }

    @Test(
        "Contradictions are refused with what contradicts what",
        arguments: [
            (
                file(model: #"{"vocab":{"a":0,"b":1},"merges":["a b"]}"#),
                #"merge 0 needs the token "ab", which is not in the vocabulary"#
            ),
            (
                file(model: #"{"vocab":{"a":0,"ab":1},"merges":["a b"]}"#),
                #"merge 0 needs the token "b", which is not in the vocabulary"#
            ),
            (
                file(model: #"{"vocab":{"a":0,"b":0},"merges":[]}"#),
                #"tokens "a" and "b" both have id 0"#
            ),
            (
                file(model: #"{"vocab":{"a":0,"a":1},"merges":[]}"#),
                #"token "a" is in the vocabulary twice"#
            ),
            (
                file(model: #"{"unk_token":"?","vocab":{"a":0},"merges":[]}"#),
                #"model.unk_token "?" is not in the vocabulary"#
            ),
            (
                file(rest: #""added_tokens":[{"id":7,"content":"a"}]"#),
                #"added_tokens[0] ("a") has id 7, but model.vocab gives it id 0"#
            ),
            (
                file(rest: #""added_tokens":[{"id":1,"content":"x"}]"#),
                #"added_tokens[0] ("x") has id 1, which is the token "b""#
            ),
            (
                file(rest: #""added_tokens":[{"id":3,"content":"x"},{"id":4,"content":"x"}]"#),
                #"added_tokens[1] ("x") is listed twice"#
            ),
            (
                file(
                    rest:
                        #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}"#
                ),
                #"post_processor.single uses the special token "s", which special_tokens does not define"#
            ),
            (
                file(
                    rest:
                        #""post_processor":{"type":"TemplateProcessing","single":[],"special_tokens":{}}"#
                ),
                "post_processor.single leaves out the text itself"
            ),
            (
                file(
                    rest:
                        #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s"}},{"Sequence":{"id":"A"}}],"special_tokens":{"s":{"id":"s","ids":[9],"tokens":["s"]}}}"#
                ),
                "post_processor adds the id 9, which no token has"
            ),
        ])
    func contradictions(_ text: String, _ message: String) throws {
        let error = #expect(throws: TokenizerError.self) { try load(text) }
        #expect(error?.description == "tokenizer.json: \(message)")
    }

    @Test(
        "Missing keys and wrong kinds are refused with the key",
        arguments: [
            ("{}", "the key model is missing"),
            ("[]", "the whole file must be an object"),
            (#"{"model":3}"#, "model must be an object or null"),
            (
                #"{"version":"2.0","model":{}}"#,
                "version 2.0 is not supported; loading it anyway would give wrong token ids"
            ),
            (file(model: "{}"), "the key model.vocab is missing"),
            (file(model: #"{"vocab":[],"merges":[]}"#), "model.vocab must be an object"),
            (
                file(model: #"{"vocab":{"a":-1},"merges":[]}"#),
                #"model.vocab["a"] must be a token id between 0 and 4194303"#
            ),
            (
                file(model: #"{"vocab":{"a":99999999999},"merges":[]}"#),
                #"model.vocab["a"] must be a token id between 0 and 4194303"#
            ),
            (
                file(model: #"{"vocab":{"a":1.5},"merges":[]}"#),
                #"model.vocab["a"] must be a token id between 0 and 4194303"#
            ),
            (file(model: #"{"vocab":{"a":0}}"#), "the key model.merges is missing"),
            (
                file(model: #"{"vocab":{"a":0},"merges":["a"]}"#),
                #"model.merges[0] must be "left right" or ["left", "right"]"#
            ),
            (
                file(model: #"{"vocab":{"a":0},"merges":[["a"]]}"#),
                #"model.merges[0] must be "left right" or ["left", "right"]"#
            ),
            (
                file(model: #"{"vocab":{"a":0},"merges":["a a a"]}"#),
                #"model.merges[0] must be "left right" or ["left", "right"]"#
            ),
            (
                file(rest: #""added_tokens":[{"content":"x"}]"#),
                "the key added_tokens[0].id is missing"
            ),
            (
                file(rest: #""added_tokens":[{"id":3}]"#),
                "the key added_tokens[0].content is missing"
            ),
            (file(rest: #""added_tokens":[3]"#), "added_tokens[0] must be an object"),
            (
                file(rest: #""added_tokens":[{"id":3,"content":"x","lstrip":"no"}]"#),
                "added_tokens[0].lstrip must be a boolean"
            ),
            (file(rest: #""pre_tokenizer":{}"#), "the key pre_tokenizer.type is missing"),
            (
                file(rest: #""pre_tokenizer":{"type":"Split","behavior":"Isolated"}"#),
                "the key pre_tokenizer.pattern is missing"
            ),
            (
                file(rest: #""normalizer":{"type":"Sequence"}"#),
                "the key normalizer.normalizers is missing"
            ),
        ])
    func malformed(_ text: String, _ message: String) throws {
        let error = #expect(throws: TokenizerError.self) { try load(text) }
        #expect(error?.description == "tokenizer.json: \(message)")
    }

    @Test("Broken JSON is refused with file, line and column")
    func brokenJSON() throws {
        let error = #expect(throws: TokenizerError.self) { try load("{\n \"model\": x}") }
        #expect(
            error?.description
                == "tokenizer.json: not valid JSON at line 2, column 11: not a JSON value")
    }

    @Test("Files whose steps would exhaust the stack or the memory are refused")
    func exhaustingSteps() throws {
        func repeated(_ part: String, _ list: String, _ step: String, _ count: Int) -> String {
            let steps = Array(repeating: step, count: count).joined(separator: ",")
            return "\"\(part)\":{\"type\":\"Sequence\",\"\(list)\":[\(steps)]}"
        }
        let doubling = #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#
        let frame =
            #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A"}}],"special_tokens":{}}"#
        for (text, reason) in [
            (repeated("normalizer", "normalizers", #"{"type":"NFC"}"#, 100_000), "normalizer with more than 64 steps"),
            (repeated("pre_tokenizer", "pretokenizers", #"{"type":"Digits"}"#, 100_000), "pre_tokenizer with more than 64 steps"),
            (repeated("decoder", "decoders", #"{"type":"Fuse"}"#, 100_000), "decoder with more than 64 steps"),
            (repeated("post_processor", "processors", frame, 65), "post_processor with more than 64 steps"),
            (repeated("normalizer", "normalizers", doubling, 10), "normalizer that can make a text more than 1000 times as long"),
            (repeated("decoder", "decoders", doubling, 10), "decoder that can make a text more than 1000 times as long"),
        ] {
            let error = #expect(throws: TokenizerError.self) { try load(file(rest: text)) }
            #expect(error?.description.contains("tokenizer.json: \(reason) is not supported") == true)
        }
        _ = try load(file(rest: repeated("normalizer", "normalizers", doubling, 9)))
        _ = try load(file(rest: repeated("pre_tokenizer", "pretokenizers", #"{"type":"Digits"}"#, 64)))
    }

    @Test("A directory without a tokenizer is refused with the path")
    func missingFile() throws {
        let directory = try ScratchDirectory()
        let error = #expect(throws: TokenizerError.self) {
            try Tokenizer(directory: directory.path)
        }
        #expect(error?.file == directory.path + "/tokenizer.json")
        #expect(error?.description.contains("cannot be read") == true)
    }

    @Test("No truncation and no changed byte of a file traps")
    func damage() throws {
        let bytes = Array(
            file(
                rest:
                    #""added_tokens":[{"id":3,"content":"<x>","special":true}],"normalizer":{"type":"NFC"},"#
                    + #""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true},"decoder":{"type":"ByteLevel"}"#
            ).utf8)
        _ = try Tokenizer(json: bytes)
        for count in bytes.indices {
            #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(bytes[..<count])) }
        }
        var loaded = 0
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                guard let tokenizer = try? Tokenizer(json: damaged) else { continue }
                loaded += 1
                _ = tokenizer.decode(tokenizer.encode("ab <x> ba"))
            }
        }
        #expect(loaded > 0)
    }

    @Test(
        "The pre-tokenizer patterns are accepted in the form that isolates matches by removing the rest"
    )
    func removedInverted() throws {
        let gpt2 =
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"#
        let model = #"{"vocab":{"a":0,"Ġ":1,"Ġa":2},"merges":["Ġ a"]}"#
        for behavior in [#""Isolated","invert":false"#, #""Removed","invert":true"#] {
            let part =
                #""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":""#
                + gpt2 + #""},"behavior":"# + behavior
                + #"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}"#
            #expect(try load(file(model: model, rest: part)).encode("a  a") == [0, 1, 2])
        }
    }

    @Test("A literal split makes every occurrence a piece of its own")
    func literalSplit() throws {
        let part =
            #""pre_tokenizer":{"type":"Split","pattern":{"String":"b"},"behavior":"Isolated","invert":false}"#
        #expect(try load(file(rest: part)).encode("abab") == [0, 1, 0, 1])
    }
}
