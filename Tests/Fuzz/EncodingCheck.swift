/// What must hold for any text: ids have tokens, and decoding them one by one gives what decoding them
/// together gives.
func checkEncoding(_ text: String, _ tokenizer: Tokenizer) {
    let ids = tokenizer.encode(text)
    precondition(ids.allSatisfy { tokenizer.token($0) != nil })
    checkDecoding(ids, tokenizer, skips: false)
    // The same tokens in an order in which characters are cut apart.
    checkDecoding(ids.reversed(), tokenizer, skips: true)
}

private func checkDecoding(_ ids: [Int32], _ tokenizer: Tokenizer, skips: Bool) {
    var stream = StreamingDecoder(tokenizer, skipSpecialTokens: skips)
    let parts = ids.map { stream.append($0) }.joined() + stream.finish()
    precondition(sameScalars(parts, tokenizer.decode(ids, skipSpecialTokens: skips)))
}
