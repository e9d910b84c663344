/// Text ↔ token ids, exactly as the Hugging Face `tokenizers` library does it for a `tokenizer.json`
/// with a byte-pair model.
///
/// `truncation` and `padding` of the file are not applied: lengths are the run's own affair.
package struct Tokenizer: Sendable {
    private let model: BytePairModel
    private let rawTokens: AddedTokenMatcher
    private let normalizedTokens: AddedTokenMatcher
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let postProcessor: PostProcessor
    let decoder: TokenDecoder
    private let texts: [String?]
    private let addedIDs: [[UInt8]: Int32]
    /// Ids that `decode(_:skipSpecialTokens:)` can leave out.
    package let specialTokenIDs: Set<Int32>

    /// What `encode` gives, with the number of characters that the vocabulary could not express.
    package struct Encoding: Hashable, Sendable {
        package var ids: [Int32]
        /// 0 for every full byte-level vocabulary.
        package var droppedCharacters: Int
    }

    /// Largest id + 1. A model's embedding may have more rows than this.
    package var vocabularySize: Int { texts.count }

    /// The token's text as the file has it (at byte level: stand-ins for bytes).
    package func token(_ id: Int32) -> String? {
        texts.indices.contains(Int(id)) ? texts[Int(id)] : nil
    }

    package func id(of token: String) -> Int32? {
        let key = Array(token.utf8)
        return addedIDs[key] ?? model.vocabulary[key]
    }

    /// The ids of `text`. With `addSpecialTokens`, the post-processor puts its tokens around it; leave
    /// it off for text that a chat template made, which has them already.
    package func encode(_ text: String, addSpecialTokens: Bool = true) -> [Int32] {
        encoding(of: text, addSpecialTokens: addSpecialTokens).ids
    }

    /// As `encode`, and says how much of the text got lost.
    package func encoding(of text: String, addSpecialTokens: Bool = true) -> Encoding {
        var session = EncodingSession(model: model, expectingBytes: text.utf8.count)
        let bytes = Array(text.utf8)
        for stretch in rawTokens.stretches(of: bytes) {
            if let token = stretch.token {
                session.ids.append(token)
            } else if stretch.range.count == bytes.count {
                encode(normalizer.apply(bytes), startsInput: true, in: &session)
            } else {
                encode(
                    normalizer.apply(Array(bytes[stretch.range])),
                    startsInput: stretch.range.lowerBound == 0, in: &session)
            }
        }
        let ids = addSpecialTokens ? postProcessor.apply(to: session.ids) : session.ids
        return Encoding(ids: ids, droppedCharacters: session.droppedCharacters)
    }

    private func encode(
        _ normalized: [UInt8], startsInput: Bool, in session: inout EncodingSession
    ) {
        for stretch in normalizedTokens.stretches(of: normalized) {
            if let token = stretch.token {
                session.ids.append(token)
                continue
            }
            normalized.withUnsafeBufferPointer { text in
                preTokenizer.forEachPiece(
                    of: text.part(stretch.range),
                    startsInput: startsInput && stretch.range.lowerBound == 0
                ) { session.encode($0) }
            }
        }
    }

    /// The text of `ids`; ids outside the vocabulary are left out, bytes that are not UTF-8 become
    /// U+FFFD.
    package func decode(_ ids: some Sequence<Int32>, skipSpecialTokens: Bool = true) -> String {
        decoder.decode(ids.compactMap { decodedText($0, skipSpecialTokens: skipSpecialTokens) })
    }

    func decodedText(_ id: Int32, skipSpecialTokens: Bool) -> String? {
        skipSpecialTokens && specialTokenIDs.contains(id) ? nil : token(id)
    }
}

extension Tokenizer {
    /// Reads the text of a `tokenizer.json`; `file` names it in errors. Throws `TokenizerError`.
    package init(json bytes: [UInt8], file: String = "tokenizer.json") throws(TokenizerError) {
        let root: JSONValue
        do { root = try JSONParser.parse(bytes) } catch {
            throw TokenizerError(file: file, problem: .malformed(error))
        }
        let settings = SettingsReader(file: file, path: "", value: root)
        guard root.members != nil else {
            throw settings.error(.wrongType(key: "the whole file", expected: "an object"))
        }
        if let version = try settings.optionalString("version"), version != "1.0" {
            throw settings.error(.unsupported(part: "version", name: version))
        }
        normalizer = try Normalizer(try settings.object("normalizer"))
        preTokenizer = try PreTokenizer(try settings.object("pre_tokenizer"))
        // Whether a text is the first would depend on where the removed text stood.
        guard !normalizer.removesText || !preTokenizer.marksFirstText else {
            throw settings.error(
                .unsupported(
                    part: "pre_tokenizer",
                    name:
                        "Metaspace with prepend_scheme \"first\" after a normalizer that removes text"
                ))
        }
        postProcessor = try PostProcessor(try settings.object("post_processor"))
        decoder = try TokenDecoder(try settings.object("decoder"))
        guard let modelSettings = try settings.object("model") else {
            throw settings.error(.missing(key: "model"))
        }
        model = try BytePairModel(modelSettings, isByteLevel: preTokenizer.isByteLevel)

        let added = try AddedTokenList(settings, vocabulary: model.vocabulary)
        texts = added.decodedTexts(normalizer)
        addedIDs = added.ids
        specialTokenIDs = added.specialIDs
        rawTokens = added.matcher { $0.isNormalized ? nil : Array($0.content.utf8) }
        let normalizer = normalizer
        normalizedTokens = added.matcher {
            $0.isNormalized ? normalizer.apply(Array($0.content.utf8)) : nil
        }
        for id in postProcessor.specialIDs where token(id) == nil {
            throw settings.error(
                .inconsistent("post_processor adds the id \(id), which no token has"))
        }
    }
}
