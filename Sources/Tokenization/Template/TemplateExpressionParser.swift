/// Expressions, with Jinja's precedence: inline if, or, and, not, comparison, + -, ~, * / // %, sign,
/// then attributes, calls, filters and tests.
struct TemplateExpressionParser {
    static let deepest = 48

    let tokens: [TemplateToken]
    var index: Int
    private let template: String
    private let line: Int
    private var depth: Int

    /// `depth` is that of the surrounding blocks.
    init(_ tokens: [TemplateToken], template: String, line: Int, depth: Int = 0) {
        self.tokens = tokens
        index = 0
        self.template = template
        self.line = line
        self.depth = depth
    }

    var isAtEnd: Bool { index == tokens.count }

    var peek: TemplateToken.Kind? { index < tokens.count ? tokens[index].kind : nil }

    var currentLine: Int { index < tokens.count ? tokens[index].line : tokens.last?.line ?? line }

    func fault(_ what: String) -> TemplateError {
        TemplateError(template: template, line: currentLine, problem: .syntax(what))
    }

    func unsupported(_ what: String) -> TemplateError {
        TemplateError(template: template, line: currentLine, problem: .unsupported(what))
    }

    mutating func take(_ symbol: String) -> Bool {
        guard peek == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    mutating func takeWord(_ word: String) -> Bool {
        guard peek == .name(word) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ symbol: String) throws(TemplateError) {
        guard take(symbol) else { throw fault("expected '\(symbol)'") }
    }

    mutating func identifier() throws(TemplateError) -> String {
        guard case .name(let name)? = peek else { throw fault("expected a name") }
        index += 1
        return name
    }

    func expectEnd() throws(TemplateError) {
        if !isAtEnd { throw fault("unexpected text in the tag") }
    }

    /// One expression; `allowsConditional` is off where `if` means something else (a loop's filter).
    mutating func expression(allowsConditional: Bool = true) throws(TemplateError)
        -> TemplateExpression
    {
        guard depth < Self.deepest else {
            throw TemplateError(
                template: template, line: currentLine, problem: .tooDeep(limit: Self.deepest))
        }
        depth += 1
        defer { depth -= 1 }
        var value = try disjunction()
        var conditions = 0
        while allowsConditional, takeWord("if") {
            conditions += 1
            guard conditions <= 8 else { throw fault("too many inline ifs in a row") }
            let condition = try disjunction()
            let otherwise = takeWord("else") ? try expression() : nil
            value = .conditional(condition, then: value, otherwise: otherwise)
        }
        return value
    }

    private mutating func disjunction() throws(TemplateError) -> TemplateExpression {
        var terms = [try conjunction()]
        while takeWord("or") { terms.append(try conjunction()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var terms = [try negation()]
        while takeWord("and") { terms.append(try negation()) }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        var negations = 0
        while takeWord("not") { negations += 1 }
        let value = try comparison()
        switch negations {
        case 0: return value
        case _ where negations % 2 == 1: return .not(value)
        default: return .not(.not(value))
        }
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let first = try sum()
        var rest: [(operation: String, operand: TemplateExpression)] = []
        while let operation = takeComparison() { rest.append((operation, try sum())) }
        return rest.isEmpty ? first : .comparison(first, rest)
    }

    private mutating func takeComparison() -> String? {
        if case .symbol(let symbol)? = peek, ["==", "!=", "<", ">", "<=", ">="].contains(symbol) {
            index += 1
            return symbol
        }
        if takeWord("in") { return "in" }
        if peek == .name("not"), index + 1 < tokens.count, tokens[index + 1].kind == .name("in") {
            index += 2
            return "not in"
        }
        return nil
    }

    private mutating func sum() throws(TemplateError) -> TemplateExpression {
        let first = try concatenation()
        var rest: [(operation: String, operand: TemplateExpression)] = []
        while case .symbol(let symbol)? = peek, symbol == "+" || symbol == "-" {
            index += 1
            rest.append((symbol, try concatenation()))
        }
        return rest.isEmpty ? first : .arithmetic(first, rest)
    }

    private mutating func concatenation() throws(TemplateError) -> TemplateExpression {
        var terms = [try product()]
        while take("~") { terms.append(try product()) }
        return terms.count == 1 ? terms[0] : .concatenation(terms)
    }

    private mutating func product() throws(TemplateError) -> TemplateExpression {
        let first = try unary(withFilters: true)
        var rest: [(operation: String, operand: TemplateExpression)] = []
        while case .symbol(let symbol)? = peek, ["*", "/", "//", "%"].contains(symbol) {
            index += 1
            rest.append((symbol, try unary(withFilters: true)))
        }
        if peek == .symbol("**") { throw unsupported("the operator **") }
        return rest.isEmpty ? first : .arithmetic(first, rest)
    }

    private mutating func unary(withFilters: Bool) throws(TemplateError) -> TemplateExpression {
        var signs: [String] = []
        while case .symbol(let symbol)? = peek, symbol == "-" || symbol == "+" {
            index += 1
            signs.append(symbol)
        }
        guard signs.count <= 8 else { throw fault("too many signs in a row") }
        var value = try primary()
        // Attributes and calls bind closer than a sign, filters and tests less close.
        value = appending(try postfixes(), to: value)
        for sign in signs.reversed() { value = sign == "-" ? .negated(value) : .positive(value) }
        return appending(try filtersAndTests(), to: value)
    }

    private func appending(
        _ postfixes: [TemplatePostfix], to value: TemplateExpression
    ) -> TemplateExpression {
        if postfixes.isEmpty { return value }
        if case .postfix(let base, let before) = value { return .postfix(base, before + postfixes) }
        return .postfix(value, postfixes)
    }
}
