/// How token texts become text again.
enum TokenDecoder: Sendable {
    /// Each token's characters stand for bytes.
    case byteLevel
    /// No decoder in the file: tokens with a space between, as the reference does.
    case spaced

    init(_ settings: SettingsReader?) throws(TokenizerError) {
        guard let settings else {
            self = .spaced
            return
        }
        let type = try settings.string("type")
        switch type {
        case "ByteLevel": self = .byteLevel
        case "Sequence":
            let parts = try settings.objects("decoders")
            guard parts.count == 1 else {
                throw settings.error(
                    .unsupported(part: settings.path, name: "Sequence of \(parts.count) decoders"))
            }
            self = try TokenDecoder(parts[0])
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }

    /// The text of `tokens`. Bytes that are not UTF-8 become U+FFFD.
    func decode(_ tokens: [String]) -> String {
        switch self {
        case .spaced: return tokens.joined(separator: " ")
        case .byteLevel:
            var bytes: [UInt8] = []
            // A token with other characters, such as an added one, stands for itself.
            for token in tokens { bytes += ByteAlphabet.decode(token) ?? Array(token.utf8) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
