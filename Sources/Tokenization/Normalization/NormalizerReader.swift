extension Normalizer {
    /// Throws `TokenizerError`, also for a normaliser that is not implemented.
    init(_ settings: SettingsReader?) throws(TokenizerError) {
        guard let settings else {
            steps = []
            return
        }
        steps = try Self.steps(settings)
        try StepLimits.check(steps.map(\.growth), settings)
    }

    private static func steps(_ settings: SettingsReader) throws(TokenizerError) -> [Step] {
        let type = try settings.string("type")
        switch type {
        case "Sequence":
            var steps: [Step] = []
            for part in try settings.objects("normalizers") { steps += try Self.steps(part) }
            return steps
        case "NFC": return [.unicode(.composed)]
        case "NFD": return [.unicode(.decomposed)]
        case "NFKC": return [.unicode(.compatiblyComposed)]
        case "NFKD": return [.unicode(.compatiblyDecomposed)]
        case "Prepend": return [.prepended(Array(try settings.string("prepend").utf8))]
        case "Replace":
            let content = Array(try settings.string("content").utf8)
            return [.replaced(try TextPattern(settings, named: type), content)]
        case "Lowercase": return [.lowercased]
        case "Strip":
            return [
                .stripped(
                    left: try settings.requiredFlag("strip_left"),
                    right: try settings.requiredFlag("strip_right"))
            ]
        case "StripAccents": return [.unaccented]
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }
}
