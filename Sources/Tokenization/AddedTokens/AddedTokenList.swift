/// All added tokens of a file, checked against the model's vocabulary.
struct AddedTokenList {
    private(set) var tokens: [AddedToken] = []
    /// The text of every id, `nil` for ids that no token has.
    private(set) var texts: [String?]
    /// Added tokens only.
    private(set) var ids: [[UInt8]: Int32] = [:]
    private(set) var specialIDs: Set<Int32> = []

    init(_ settings: SettingsReader, vocabulary: TokenTable) throws(TokenizerError) {
        var texts: [String?] = []
        vocabulary.forEach { text, id in
            if id >= texts.count {
                texts += Array(repeating: nil, count: max(Int(id) + 1 - texts.count, texts.count))
            }
            texts[Int(id)] = String(decoding: text, as: UTF8.self)
        }
        while case .some(.none) = texts.last { texts.removeLast() }
        self.texts = texts
        guard settings.optional("added_tokens") != nil else { return }
        for entry in try settings.objects("added_tokens") {
            let token = try AddedToken(entry)
            // The reference ignores a token without text; it could never be found.
            if !token.content.isEmpty { try add(token, entry, vocabulary) }
        }
    }

    private mutating func add(
        _ token: AddedToken, _ entry: SettingsReader, _ vocabulary: TokenTable
    ) throws(TokenizerError) {
        let key = Array(token.content.utf8)
        func contradiction(_ what: String) -> TokenizerError {
            entry.error(.inconsistent("\(entry.path) (\"\(token.content)\") \(what)"))
        }
        if let id = vocabulary[key], id != token.id {
            throw contradiction("has id \(token.id), but model.vocab gives it id \(id)")
        }
        if ids.updateValue(token.id, forKey: key) != nil { throw contradiction("is listed twice") }
        let index = Int(token.id)
        if index >= texts.count {
            texts += Array(repeating: nil, count: index + 1 - texts.count)
        }
        if let owner = texts[index], !sameScalars(owner, token.content) {
            throw contradiction("has id \(token.id), which is the token \"\(owner)\"")
        }
        texts[index] = token.content
        tokens.append(token)
        if token.isSpecial { specialIDs.insert(token.id) }
    }

    /// The text of every id as decoding uses it: that of a normalised token is its normalised form, as
    /// in the reference (`simple_id_to_token` of its `added_vocabulary.rs`).
    func decodedTexts(_ normalizer: Normalizer) -> [String?] {
        var texts = texts
        for token in tokens where token.isNormalized {
            let normalized = normalizer.apply(Array(token.content.utf8))
            texts[Int(token.id)] = String(decoding: normalized, as: UTF8.self)
        }
        return texts
    }

    /// A matcher of the tokens for which `text` gives the text to look for.
    func matcher(_ text: (AddedToken) -> [UInt8]?) -> AddedTokenMatcher {
        AddedTokenMatcher(tokens.compactMap { token in text(token).map { (token, $0) } })
    }
}
