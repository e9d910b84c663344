struct TemplateToken: Sendable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case int(Int)
        case double(Double)
        case string(String)
        /// An operator or bracket.
        case symbol(String)
    }

    var kind: Kind
    var line: Int
}

/// The tokens inside one tag.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var index: Int
    var line: Int
    let name: String

    private static let longSymbols: Set<String> = ["==", "!=", "<=", ">=", "//", "**"]
    private static let shortSymbols = Set("()[]{},:.|~+-*/%<>=".unicodeScalars)

    /// Tokens up to `%}` or `}}`, and the sign (`-`, `+`) before it.
    mutating func tokens(
        closing: Unicode.Scalar, opened: Int
    ) throws(TemplateError) -> ([TemplateToken], Unicode.Scalar?) {
        var tokens: [TemplateToken] = []
        var open = 0
        while true {
            while index < source.count, isPythonSpace(source[index]) { advance() }
            guard index < source.count else {
                throw TemplateError(
                    template: name, line: opened, problem: .syntax("the tag has no end \(closing)}")
                )
            }
            if open == 0, let sign = takeEnd(closing) { return (tokens, sign.value) }
            let token = try next()
            if case .symbol(let symbol) = token.kind {
                if "([{".contains(symbol) { open += 1 }
                if ")]}".contains(symbol) { open -= 1 }
                if open < 0 { throw fault("unexpected '\(symbol)'") }
            }
            tokens.append(token)
        }
    }

    private struct EndSign { var value: Unicode.Scalar? }

    private mutating func takeEnd(_ closing: Unicode.Scalar) -> EndSign? {
        let first = source[index]
        let hasSign = first == "-" || first == "+" && closing == "%"
        let at = hasSign ? index + 1 : index
        guard at + 1 < source.count, source[at] == closing, source[at + 1] == "}" else {
            return nil
        }
        index = at + 2
        return EndSign(value: hasSign ? first : nil)
    }

    mutating func advance() {
        if source[index] == "\n" { line += 1 }
        index += 1
    }

    private mutating func next() throws(TemplateError) -> TemplateToken {
        let start = line
        let scalar = source[index]
        if scalar == "'" || scalar == "\"" {
            return TemplateToken(kind: .string(try string(quote: scalar)), line: start)
        }
        if ("0"..."9").contains(scalar) { return TemplateToken(kind: try number(), line: start) }
        if scalar == "_" || scalar.properties.isXIDStart {
            return TemplateToken(kind: .name(word()), line: start)
        }
        let pair = text(source[index..<min(index + 2, source.count)])
        let isLong = Self.longSymbols.contains(pair)
        guard isLong || Self.shortSymbols.contains(scalar) else {
            throw fault("unexpected character '\(scalar)'")
        }
        index += isLong ? 2 : 1
        return TemplateToken(kind: .symbol(isLong ? pair : String(scalar)), line: start)
    }

    private mutating func word() -> String {
        let start = index
        while index < source.count, source[index].properties.isXIDContinue { index += 1 }
        return text(source[start..<index])
    }

    func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var string = ""
        string.unicodeScalars.append(contentsOf: scalars)
        return string
    }

    func fault(_ what: String) -> TemplateError {
        TemplateError(template: name, line: line, problem: .syntax(what))
    }
}
