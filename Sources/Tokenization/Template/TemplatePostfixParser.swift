/// Attributes, indices, calls, filters and tests.
extension TemplateExpressionParser {
    mutating func postfixes() throws(TemplateError) -> [TemplatePostfix] {
        var result: [TemplatePostfix] = []
        while true {
            if take(".") {
                if case .int(let position)? = peek {
                    _ = try primary()
                    result.append(.index(.int(position)))
                } else {
                    result.append(.attribute(try identifier()))
                }
            } else if take("[") {
                result.append(try subscription())
            } else if take("(") {
                result.append(.call(try arguments()))
            } else {
                return result
            }
        }
    }

    /// Filters and tests; what follows them may be indexed or called again.
    mutating func filtersAndTests() throws(TemplateError) -> [TemplatePostfix] {
        var result: [TemplatePostfix] = []
        while true {
            if take("|") {
                let name = try identifier()
                guard TemplateFilters.names.contains(name) else {
                    throw unsupported("the filter '\(name)'")
                }
                result.append(.filter(name, take("(") ? try arguments() : TemplateArguments()))
            } else if takeWord("is") {
                result.append(try test())
            } else if take("(") {
                result.append(.call(try arguments()))
            } else {
                return result
            }
        }
    }

    private mutating func test() throws(TemplateError) -> TemplatePostfix {
        let negated = takeWord("not")
        let name = try identifier()
        guard TemplateTests.names.contains(name) else { throw unsupported("the test '\(name)'") }
        if take("(") { return .test(name, try arguments(), negated: negated) }
        // A test may take one argument without brackets: `x is divisibleby 3`.
        switch peek {
        case .name(let word)? where !["else", "or", "and", "if", "is", "not", "in"].contains(word):
            break
        case .int?, .double?, .string?, .symbol("[")?, .symbol("{")?: break
        default: return .test(name, TemplateArguments(), negated: negated)
        }
        let operand = try primary()
        let tail = try postfixes()
        let argument = tail.isEmpty ? operand : TemplateExpression.postfix(operand, tail)
        return .test(name, TemplateArguments(positional: [argument]), negated: negated)
    }

    /// `[i]`, `[a:b]` or `[a:b:c]`, after the bracket.
    private mutating func subscription() throws(TemplateError) -> TemplatePostfix {
        var parts: [TemplateExpression?] = []
        var current: TemplateExpression?
        while true {
            if take(":") {
                parts.append(current)
                current = nil
            } else if take("]") {
                parts.append(current)
                break
            } else if current == nil {
                current = try expression()
            } else {
                throw fault("expected ']'")
            }
        }
        switch parts.count {
        case 1:
            guard let index = parts[0] else { throw fault("the index is empty") }
            return .index(index)
        case 2, 3: return .slice(parts[0], parts[1], parts.count == 3 ? parts[2] : nil)
        default: throw fault("a slice has at most three parts")
        }
    }

    /// Arguments after the opening bracket.
    mutating func arguments() throws(TemplateError) -> TemplateArguments {
        var result = TemplateArguments()
        while !take(")") {
            if peek == .symbol("*") || peek == .symbol("**") {
                throw unsupported("unpacking arguments")
            }
            if let name = takeArgumentName() {
                result.named.append((name, try expression()))
            } else {
                guard result.named.isEmpty else {
                    throw fault("a plain argument after a named one")
                }
                result.positional.append(try expression())
            }
            if !take(",") {
                try expect(")")
                break
            }
        }
        return result
    }

    private mutating func takeArgumentName() -> String? {
        guard case .name(let name)? = peek else { return nil }
        var ahead = self
        guard (try? ahead.identifier()) != nil, ahead.take("=") else { return nil }
        self = ahead
        return name
    }
}
