extension Tokenizer {
    /// The text of a `tokenizer.json` for the built-in arithmetic task: 64 ids, one per character, no
    /// merges. Ids 0, 1, 2 are `<|endoftext|>`, `<|im_start|>`, `<|im_end|>`; then newline, space, the
    /// digits (each a token, so that carries are learnable), letters and punctuation. Any other
    /// character has no token and is dropped.
    package static func arithmeticJSON() -> String {
        let special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
        let characters = "\n 0123456789+-=abcdefghijklmnopqrstuvwxyz*/().,:?!'<>_#$%&;@|"
        let tokens = special + characters.utf8.map { ByteAlphabet.encode([$0]) }
        let added = special.enumerated().map { id, token in
            "{\"id\":\(id),\"content\":\(quoted(token)),\"single_word\":false,\"lstrip\":false,"
                + "\"rstrip\":false,\"normalized\":false,\"special\":true}"
        }
        let vocabulary = tokens.enumerated().map { id, token in "\(quoted(token)):\(id)" }
        let byteLevel =
            "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,"
            + "\"use_regex\":false}"
        return """
            {"version":"1.0","truncation":null,"padding":null,
            "added_tokens":[\(added.joined(separator: ",\n"))],
            "normalizer":null,"pre_tokenizer":\(byteLevel),"post_processor":null,
            "decoder":\(byteLevel),
            "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,
            "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,
            "vocab":{\(vocabulary.joined(separator: ","))},"merges":[]}}

            """
    }

    private static func quoted(_ token: String) -> String {
        var text = ""
        writeJSONString(token, to: &text)
        return text
    }
}
