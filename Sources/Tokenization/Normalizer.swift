private import Foundation

/// What happens to text before it is cut: nothing, or Unicode's composed form C.
struct Normalizer: Sendable {
    private(set) var composes = false

    init(_ settings: SettingsReader?) throws(TokenizerError) {
        if let settings { try add(settings) }
    }

    private mutating func add(_ settings: SettingsReader) throws(TokenizerError) {
        let type = try settings.string("type")
        switch type {
        case "Sequence":
            for part in try settings.objects("normalizers") { try add(part) }
        case "NFC": composes = true
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }

    /// The normalised form of valid UTF-8.
    func apply(_ bytes: [UInt8]) -> [UInt8] {
        // Below U+0300 nothing composes, and those scalars are composed already.
        guard composes, bytes.contains(where: { $0 >= 0xCC }) else { return bytes }
        let text = String(decoding: bytes, as: UTF8.self)
        // Composing alone leaves some texts as they are that it should change: a Hangul syllable
        // followed by a final consonant, and doubled U+0F73, U+0F75, U+0F81.
        let decomposed = text.decomposedStringWithCanonicalMapping
        return Array(decomposed.precomposedStringWithCanonicalMapping.utf8)
    }
}
