/// SentencePiece's way with spaces: a visible character stands for each, and for a space in front.
struct Metaspace: Sendable {
    /// When a space is put in front of text that has none.
    enum Prefix: String, Sendable {
        case always
        /// Only at the beginning of all, not after an added token.
        case first
        case never
    }

    let replacement: [UInt8]
    let prefix: Prefix
    /// Cuts before each replacement; `nil` where words stay together.
    let cutter: PieceCutter?

    /// `text` with its spaces replaced.
    func spelled(_ text: ValidUTF8, _ startsInput: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 2)
        let startsWithSpace = text.first == UInt8(ascii: " ") || text.has(replacement, at: 0)
        if !startsWithSpace, prefix == .always || prefix == .first && startsInput {
            result += replacement
        }
        for byte in text {
            if byte == UInt8(ascii: " ") { result += replacement } else { result.append(byte) }
        }
        return result
    }
}

extension Metaspace {
    /// Reads the settings that pre-tokenizer and decoder share. Throws `TokenizerError`.
    init(_ settings: SettingsReader) throws(TokenizerError) {
        let scalar = try settings.scalar("replacement")
        replacement = Array(String(scalar).utf8)
        prefix = try Self.prefix(settings)
        let splits = try settings.flag("split", default: true)
        cutter = splits ? PieceCutter(matching: .scalar(scalar.value), .mergedWithNext) : nil
    }

    private static func prefix(_ settings: SettingsReader) throws(TokenizerError) -> Prefix {
        let name = try settings.optionalString("prepend_scheme") ?? Prefix.always.rawValue
        guard let prefix = Prefix(rawValue: name) else {
            throw settings.error(
                .unsupported(part: settings.key("prepend_scheme"), name: "\"\(name)\""))
        }
        // Files from before the scheme had a name say only yes or no.
        guard try !settings.flag("add_prefix_space", default: true) else { return prefix }
        guard settings.optional("prepend_scheme") == nil || prefix != .first else {
            throw settings.error(
                .inconsistent(
                    "\(settings.key("add_prefix_space")) is false, but prepend_scheme is \"first\"")
            )
        }
        return .never
    }
}
