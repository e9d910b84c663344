/// The byte-pair encoding of one piece of text: vocabulary, merges, and what to do with characters that
/// the vocabulary lacks.
struct BytePairModel: Sendable {
    /// Token text (as UTF-8) → id. Bytes, because Swift's strings call different spellings equal.
    let vocabulary: [[UInt8]: Int32]
    /// (left id, right id) → (rank, id of the merged token).
    let merges: PairTable
    let unknown: Int32?
    let fusesUnknown: Bool
    let fallsBackToBytes: Bool
    let ignoresMerges: Bool
    let isByteLevel: Bool
    /// At byte level: the token of each byte, -1 where the vocabulary lacks it.
    private let byteTokens: [Int32]

    /// Appends the ids of `piece` to the merger's output.
    func encode(_ piece: ArraySlice<UInt8>, with merger: inout PairMerger, to ids: inout [Int32]) {
        if ignoresMerges, let id = vocabulary[text(of: piece)] { return ids.append(id) }
        merger.reset()
        var pendingUnknown = false
        if isByteLevel {
            for byte in piece {
                let id = byteTokens[Int(byte)]
                if id >= 0 {
                    append(id, after: &pendingUnknown, to: &merger)
                } else {
                    appendMissing(
                        Array(String(ByteAlphabet.scalars[Int(byte)]).utf8), &pendingUnknown,
                        &merger)
                }
            }
        } else {
            appendScalars(of: piece, &pendingUnknown, &merger)
        }
        if pendingUnknown, let unknown { merger.append(unknown) }
        merger.merge(by: merges)
        merger.write(to: &ids)
    }

    private func appendScalars(
        of piece: ArraySlice<UInt8>, _ pendingUnknown: inout Bool, _ merger: inout PairMerger
    ) {
        for scalar in String(decoding: piece, as: UTF8.self).unicodeScalars {
            let text = Array(String(scalar).utf8)
            if let id = vocabulary[text] {
                append(id, after: &pendingUnknown, to: &merger)
            } else {
                appendMissing(text, &pendingUnknown, &merger)
            }
        }
    }

    private func append(
        _ id: Int32, after pendingUnknown: inout Bool, to merger: inout PairMerger
    ) {
        if pendingUnknown, let unknown { merger.append(unknown) }
        pendingUnknown = false
        merger.append(id)
    }

    /// A character without a token: its bytes as `<0xXX>` tokens if all are there, else the unknown
    /// token, else nothing. The order of fallback bytes and a pending unknown token is the reference's
    /// (tokenizers, `models/bpe/model.rs`, `merge_word`).
    private func appendMissing(
        _ text: [UInt8], _ pendingUnknown: inout Bool, _ merger: inout PairMerger
    ) {
        if fallsBackToBytes {
            let tokens = text.compactMap { vocabulary[Array(Self.fallbackName($0).utf8)] }
            if tokens.count == text.count {
                for token in tokens { merger.append(token) }
                return
            }
        }
        guard let unknown else {
            merger.dropped += 1
            return
        }
        if pendingUnknown && !fusesUnknown { merger.append(unknown) }
        pendingUnknown = true
    }

    private static func fallbackName(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }

    /// The vocabulary's spelling of a piece.
    private func text(of piece: ArraySlice<UInt8>) -> [UInt8] {
        isByteLevel ? Array(ByteAlphabet.encode(piece).utf8) : Array(piece)
    }
}

extension BytePairModel {
    /// Throws `TokenizerError` where a merge names a token that is not there, an id occurs twice, or a
    /// setting would change the result in a way that is not implemented.
    init(_ settings: SettingsReader, isByteLevel: Bool) throws(TokenizerError) {
        // Files from before the type was written out are byte-pair models too.
        let type = try settings.optionalString("type") ?? "BPE"
        guard type == "BPE" else { throw settings.error(.unsupported(part: "model", name: type)) }
        try Self.refuseUnsupported(settings)
        let vocabulary = try Self.readVocabulary(settings)
        self.vocabulary = vocabulary
        merges = try MergeListReader(settings: settings, vocabulary: vocabulary).read()
        if let name = try settings.optionalString("unk_token") {
            guard let id = vocabulary[Array(name.utf8)] else {
                throw settings.error(
                    .inconsistent("model.unk_token \"\(name)\" is not in the vocabulary"))
            }
            unknown = id
        } else {
            unknown = nil
        }
        fusesUnknown = try settings.flag("fuse_unk", default: false)
        fallsBackToBytes = try settings.flag("byte_fallback", default: false)
        ignoresMerges = try settings.flag("ignore_merges", default: false)
        self.isByteLevel = isByteLevel
        byteTokens = ByteAlphabet.scalars.map { vocabulary[Array(String($0).utf8)] ?? -1 }
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

    private static func readVocabulary(
        _ settings: SettingsReader
    ) throws(TokenizerError) -> [[UInt8]: Int32] {
        let members = try settings.members("vocab")
        var vocabulary: [[UInt8]: Int32] = Dictionary(minimumCapacity: members.count)
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
}
