/// What the parts of a tokenizer ask of a scalar.
struct ScalarClasses: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClasses(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClasses(rawValue: 2)
    /// `\s`
    static let space = ScalarClasses(rawValue: 4)
    /// `[\r\n]`, which is also `space`
    static let newline = ScalarClasses(rawValue: 8)
    /// Canonical composition may change it, or what stands before it together with it.
    static let recomposing = ScalarClasses(rawValue: 16)
    /// `\w` as Unicode's regular expression guide (UTS 18, annex C) has it.
    static let word = ScalarClasses(rawValue: 32)
    /// `\p{P}`, and all other ASCII punctuation.
    static let punctuation = ScalarClasses(rawValue: 64)
    /// `\p{M}`
    static let mark = ScalarClasses(rawValue: 128)

    /// The classes that no scalar has two of: those that the patterns' alternatives tell apart.
    static let kinds: ScalarClasses = [.letter, .number, .space, .newline]
}

/// The classes of every scalar. Those of the first two planes are computed once: asking Unicode's
/// tables is a search each time.
struct ScalarTable: Sendable {
    static let shared = ScalarTable()

    private static let tabulated: UInt32 = 0x20000
    private let classes: [ScalarClasses]

    private init() {
        classes = (0..<Self.tabulated).map { Unicode.Scalar($0).map(Self.compute) ?? [] }
    }

    @inline(__always)
    func all(of value: UInt32) -> ScalarClasses {
        if value < Self.tabulated { return classes[Int(value)] }
        return Unicode.Scalar(value).map(Self.compute) ?? []
    }

    /// Letter, number, white space, line end, or none of these.
    @inline(__always)
    func kind(of value: UInt32) -> ScalarClasses { all(of: value).intersection(.kinds) }

    private static func compute(_ scalar: Unicode.Scalar) -> ScalarClasses {
        let properties = scalar.properties
        var classes = category(properties.generalCategory)
        if properties.isWhitespace { classes.insert(.space) }
        if scalar == "\r" || scalar == "\n" { classes.insert(.newline) }
        if recomposes(scalar, classes) { classes.insert(.recomposing) }
        if properties.isAlphabetic || properties.isJoinControl { classes.insert(.word) }
        // Of ASCII, the symbols $ + < = > ^ ` | ~ count as punctuation too.
        if (0x21...0x7E).contains(scalar.value), classes.isDisjoint(with: [.letter, .number]) {
            classes.insert(.punctuation)
        }
        return classes
    }

    private static func category(_ category: Unicode.GeneralCategory) -> ScalarClasses {
        switch category {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return .letter
        case .decimalNumber: return [.number, .word]
        case .letterNumber, .otherNumber: return .number
        case .nonspacingMark, .spacingMark, .enclosingMark: return [.mark, .word]
        case .connectorPunctuation: return [.punctuation, .word]
        case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            return .punctuation
        default: return []
        }
    }

    private static func recomposes(_ scalar: Unicode.Scalar, _ classes: ScalarClasses) -> Bool {
        // Variation selectors, on every other emoji, never do.
        if (0xFE00...0xFE0F).contains(scalar.value) { return false }
        return classes.contains(.mark) || scalar.properties.canonicalCombiningClass != .notReordered
            || scalar.properties.isFullCompositionExclusion
            // The letters that Hangul syllables are made of.
            || (0x1100...0x11FF).contains(scalar.value)
    }
}
