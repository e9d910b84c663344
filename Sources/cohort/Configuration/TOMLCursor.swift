/// Reads a TOML text scalar by scalar and knows line and column. It never fails and always advances
/// or reports the end, so that no text can trap it or keep it running.
struct TOMLCursor {
    private let scalars: [Unicode.Scalar]
    private var index = 0
    private(set) var position = SourcePosition(line: 1, column: 1)
    /// Set at a one-line string that does not end on its line: no parser reads on from there.
    private(set) var isLost = false

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        // A byte order mark is no part of the text.
        if scalars.first == "\u{FEFF}" { index = 1 }
    }

    var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < scalars.count {
            if scalars[index] == "\n" {
                position = SourcePosition(line: position.line + 1, column: 1)
            } else {
                position.column += 1
            }
            index += 1
        }
    }

    /// Whether the text goes on with `prefix`.
    func isAt(_ prefix: String) -> Bool {
        let wanted = Array(prefix.unicodeScalars)
        return scalars.count - index >= wanted.count
            && scalars[index..<index + wanted.count].elementsEqual(wanted)
    }

    mutating func skipSpaces() {
        while current == " " || current == "\t" { advance() }
    }

    mutating func skipLine() {
        while current.map({ $0 != "\n" }) ?? false { advance() }
        advance()
    }

    /// Spaces, line ends and comments.
    mutating func skipBlanks() {
        while let scalar = current {
            switch scalar {
            case " ", "\t", "\r", "\n": advance()
            case "#": skipLine()
            default: return
            }
        }
    }

    /// A string of any of TOML's four kinds; the cursor stands at its first quote. The result has
    /// its simple escapes resolved, which is enough for keys.
    mutating func string() -> String {
        let quote = current == "'" ? "'" : "\""
        let isLong = isAt(quote + quote + quote)
        let end = isLong ? quote + quote + quote : quote
        advance(end.unicodeScalars.count)
        var text = String.UnicodeScalarView()
        while let scalar = current, !isAt(end) {
            if scalar == "\n" && !isLong {
                isLost = true
                return String(text)
            }
            if scalar == "\\" && quote == "\"" {
                advance()
                if current != "\n" { text.append(escape()) } else if isLong { advance() }
            } else {
                text.append(scalar)
                advance()
            }
        }
        advance(end.unicodeScalars.count)
        // Up to two quotes may stand directly before the end of a long string.
        while isLong && isAt(quote) { advance() }
        return String(text)
    }

    /// The scalar after a backslash.
    private mutating func escape() -> Unicode.Scalar {
        guard let scalar = current else { return "\\" }
        advance()
        switch scalar {
        case "b": return "\u{8}"
        case "t": return "\t"
        case "n": return "\n"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "u", "U": return hexadecimalScalar(digits: scalar == "u" ? 4 : 8)
        default: return scalar
        }
    }

    private mutating func hexadecimalScalar(digits: Int) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = current.flatMap({ Character($0).hexDigitValue }) else { break }
            value = value << 4 | UInt32(digit)
            advance()
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
