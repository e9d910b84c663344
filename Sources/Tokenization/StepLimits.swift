/// What the steps of a tokenizer file may add up to, so that a hostile one is refused when it is read and
/// not met when it is used.
enum StepLimits {
    /// Of one part of the file; real ones have up to six.
    static let steps = 64
    /// Bytes that a byte of text can become, over all steps of one part.
    static let growth = 1000.0

    /// Throws where a part has too many steps or can make too much of a text. `growths`: of each step.
    static func check(_ growths: [Double], _ settings: SettingsReader) throws(TokenizerError) {
        guard growths.count <= steps else {
            throw settings.error(
                .unsupported(part: settings.path, name: "with more than \(steps) steps"))
        }
        guard growths.reduce(1, *) <= growth else {
            throw settings.error(
                .unsupported(
                    part: settings.path,
                    name: "that can make a text more than \(Int(growth)) times as long"))
        }
    }
}

extension TextPattern {
    /// How much longer a text can become where this is replaced by `content`, at least 1.
    func growth(replacedBy content: [UInt8]) -> Double {
        let shortest =
            switch self {
            case .literal(let literal): literal.count
            case .runs(let pattern): pattern.shortest
            }
        return max(1, Double(content.count) / Double(shortest))
    }
}

extension Normalizer.Step {
    /// U+FDFA is the worst of the compatibility forms (3 bytes to 33), U+0390 of the others.
    var growth: Double {
        switch self {
        case .unicode(.compatiblyComposed), .unicode(.compatiblyDecomposed): 11
        case .unicode: 3
        case .replaced(let pattern, let content): pattern.growth(replacedBy: content)
        case .lowercased: 2
        case .prepended(let text): max(1, Double(text.count) / 2)
        case .stripped, .unaccented: 1
        }
    }
}

extension TokenDecoder.Step {
    var growth: Double {
        if case .replace(let pattern, let content) = self {
            pattern.growth(replacedBy: content)
        } else {
            1
        }
    }
}
