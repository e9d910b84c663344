extension BytePairModel {
    /// Throws `TokenizerError` where a merge names a token that is not there, an id occurs twice, or a
    /// setting would change the result in a way that is not implemented.
    init(_ settings: SettingsReader, isByteLevel: Bool) throws(TokenizerError) {
        // Files from before the type was written out are byte-pair models too.
        let type = try settings.optionalString("type") ?? "BPE"
        guard type == "BPE" else {
            throw settings.error(.unsupported(part: settings.path, name: type))
        }
        try Self.refuseUnsupported(settings)
        vocabulary = try Self.readVocabulary(settings)
        let list = try MergeListReader(settings: settings, vocabulary: vocabulary).read()
        merges = list.table
        unknown = try Self.readUnknown(settings, vocabulary)
        fusesUnknown = try settings.flag("fuse_unk", default: false)
        symbols = SymbolTable(
            vocabulary, isByteLevel: isByteLevel,
            fallsBackToBytes: try settings.flag("byte_fallback", default: false))
        self.isByteLevel = isByteLevel
        let ignoresMerges = try settings.flag("ignore_merges", default: false)
        wholePieces = ignoresMerges ? Self.wholePieces(vocabulary, isByteLevel) : nil
        let mayCut =
            !isByteLevel && !ignoresMerges && !list.mergesAcrossWords
            && symbols.token(ofScalar: WordStart.scalar) != nil
        wordStart = mayCut ? WordStart() : nil
    }

    private static func refuseUnsupported(_ settings: SettingsReader) throws(TokenizerError) {
        if case .number(let literal)? = settings.optional("dropout"), Double(literal) != 0 {
            throw settings.error(.unsupported(part: "model.dropout", name: literal))
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = try settings.optionalString(key), !text.isEmpty {
                throw settings.error(.unsupported(part: "model.\(key)", name: "\"\(text)\""))
            }
        }
    }

    private static func readUnknown(
        _ settings: SettingsReader, _ vocabulary: TokenTable
    ) throws(TokenizerError) -> Int32? {
        guard let name = try settings.optionalString("unk_token") else { return nil }
        guard let id = vocabulary[name] else {
            throw settings.error(
                .inconsistent("model.unk_token \"\(name)\" is not in the vocabulary"))
        }
        return id
    }

    private static func readVocabulary(
        _ settings: SettingsReader
    ) throws(TokenizerError) -> TokenTable {
        let members = try settings.members("vocab")
        var vocabulary = TokenTable(expecting: members.count)
        var owners: [Int32: String] = Dictionary(minimumCapacity: members.count)
        for member in members {
            let id = try settings.tokenID(member.value, "vocab[\"\(member.key)\"]")
            if let owner = owners.updateValue(member.key, forKey: id) {
                throw settings.error(
                    .inconsistent("tokens \"\(owner)\" and \"\(member.key)\" both have id \(id)"))
            }
            if vocabulary.updateValue(id, forKey: Array(member.key.utf8)) != nil {
                throw settings.error(
                    .inconsistent("token \"\(member.key)\" is in the vocabulary twice"))
            }
        }
        return vocabulary
    }

    /// The vocabulary by the bytes that its tokens stand for.
    private static func wholePieces(_ vocabulary: TokenTable, _ isByteLevel: Bool) -> TokenTable {
        guard isByteLevel else { return vocabulary }
        var pieces = TokenTable(expecting: vocabulary.count)
        vocabulary.forEach { text, id in
            if let bytes = ByteAlphabet.decode(text) { pieces.updateValue(id, forKey: bytes) }
        }
        return pieces
    }
}
