/// What the parts of a tokenizer ask of a scalar.
struct ScalarClasses: OptionSet, Sendable {
    let rawValue: UInt16

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
    /// A number in the newest version of Unicode, in which `number` may lag behind.
    static let numeric = ScalarClasses(rawValue: 256)
    /// Not there yet for the normal forms.
    static let unknownToForms = ScalarClasses(rawValue: 512)

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
        if properties.isAlphabetic || properties.isJoinControl { classes.insert(.word) }
        let age = properties.age?.major ?? .max
        if age > ReferenceUnicode.patterns {
            classes.subtract([.letter, .number, .space, .newline, .word])
        }
        if age > ReferenceUnicode.forms {
            classes.remove(.mark)
            if age < .max { classes.insert(.unknownToForms) }
        } else {
            // Vedic signs that have become letters, and a Sharada one that has become a mark.
            if ["\u{1CF2}", "\u{1CF3}"].contains(scalar) { classes.insert(.mark) }
            if scalar == "\u{111C9}" { classes.remove(.mark) }
            if recomposes(scalar, classes) { classes.insert(.recomposing) }
        }
        return isPunctuation(scalar, age) ? classes.union(.punctuation) : classes
    }

    private static func category(_ category: Unicode.GeneralCategory) -> ScalarClasses {
        switch category {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            .letter
        case .decimalNumber: [.number, .numeric, .word]
        case .letterNumber, .otherNumber: [.number, .numeric]
        case .nonspacingMark, .spacingMark, .enclosingMark: [.mark, .word]
        case .connectorPunctuation: .word
        default: []
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar, _ age: Int) -> Bool {
        switch scalar.properties.generalCategory {
        case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .connectorPunctuation:
            return age <= ReferenceUnicode.punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol:
            // Of ASCII, $ + < = > ^ ` | ~ count as punctuation too.
            return scalar.isASCII
        default:
            // Two that were punctuation in that version.
            return scalar == "\u{166D}" || scalar == "\u{111C9}"
        }
    }

    private static func recomposes(_ scalar: Unicode.Scalar, _ classes: ScalarClasses) -> Bool {
        // Variation selectors, on every other emoji, never do.
        if (0xFE00...0xFE0F).contains(scalar.value) || (0xE0100...0xE01EF).contains(scalar.value) {
            return false
        }
        return classes.contains(.mark) || scalar.properties.canonicalCombiningClass != .notReordered
            || scalar.properties.isFullCompositionExclusion
            // The letters that Hangul syllables are made of.
            || (0x1100...0x11FF).contains(scalar.value)
    }
}

/// The versions of Unicode that parts of the `tokenizers` library (0.23) know. What came later is
/// unassigned there, and so it is here: token ids must not depend on the tables of this machine.
private enum ReferenceUnicode {
    /// Regular expressions.
    static let patterns = 16
    /// Normal forms and marks.
    static let forms = 9
    static let punctuation = 8
}
