extension TemplateRenderer {
    func evaluate(_ expression: TemplateExpression) throws(TemplateFault) -> TemplateValue {
        try nested { () throws(TemplateFault) in
            switch expression {
            case .null: return .null
            case .bool(let flag): return .bool(flag)
            case .int(let value): return .int(value)
            case .double(let value): return .double(value)
            case .string(let text): return .string(text)
            case .name(let name): return look(up: name)
            case .list(let items): return try budget.list(try evaluate(items))
            case .tuple(let items): return try budget.list(try evaluate(items), isTuple: true)
            case .dict(let pairs): return try evaluate(pairs)
            case .postfix(let base, let postfixes): return try evaluate(base, postfixes)
            case .negated(let operand):
                return try operators.arithmetic("-", .int(0), evaluate(operand))
            case .positive(let operand):
                return try operators.arithmetic("+", .int(0), evaluate(operand))
            case .not(let operand): return .bool(try !evaluate(operand).isTrue)
            case .arithmetic(let first, let rest): return try evaluate(first, rest)
            case .concatenation(let terms): return try concatenate(terms)
            case .comparison(let first, let rest): return .bool(try compare(first, rest))
            case .all(let terms): return try lastNeeded(terms, stopsAt: false)
            case .any(let terms): return try lastNeeded(terms, stopsAt: true)
            case .conditional(let condition, let then, let otherwise):
                if try evaluate(condition).isTrue { return try evaluate(then) }
                guard let otherwise else { return .undefined("the inline if without else") }
                return try evaluate(otherwise)
            }
        }
    }

    private func look(up name: String) -> TemplateValue {
        if let value = scope.look(up: name) { return value }
        return Self.builtins.contains(name) ? .function(.builtin(name)) : .undefined("'\(name)'")
    }

    private func evaluate(_ items: [TemplateExpression]) throws(TemplateFault) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for item in items { values.append(try evaluate(item)) }
        return values
    }

    private func evaluate(
        _ pairs: [(key: TemplateExpression, value: TemplateExpression)]
    ) throws(TemplateFault) -> TemplateValue {
        var dict = TemplateDict()
        for pair in pairs {
            let key = try evaluate(pair.key)
            guard case .string(let name) = key else {
                throw .evaluation("the key of a mapping must be a string, not \(key.kind)")
            }
            dict[name] = try evaluate(pair.value)
        }
        return try budget.dict(dict)
    }

    private func evaluate(
        _ first: TemplateExpression, _ rest: [(operation: String, operand: TemplateExpression)]
    ) throws(TemplateFault) -> TemplateValue {
        var value = try evaluate(first)
        for (operation, operand) in rest {
            value = try operators.arithmetic(operation, value, evaluate(operand))
        }
        return value
    }

    private func concatenate(_ terms: [TemplateExpression]) throws(TemplateFault) -> TemplateValue {
        var text = ""
        for term in terms {
            let next = try operators.text(of: evaluate(term))
            try budget.spend(
                textBytes: text.utf8.count + next.utf8.count, copying: next.utf8.count)
            text += next
        }
        return .string(text)
    }

    /// `a < b < c` means `a < b and b < c`.
    private func compare(
        _ first: TemplateExpression, _ rest: [(operation: String, operand: TemplateExpression)]
    ) throws(TemplateFault) -> Bool {
        var left = try evaluate(first)
        for (operation, operand) in rest {
            let right = try evaluate(operand)
            guard try operators.compare(operation, left, right) else { return false }
            left = right
        }
        return true
    }

    /// `and` and `or` give the operand that decided.
    private func lastNeeded(
        _ terms: [TemplateExpression], stopsAt decisive: Bool
    ) throws(TemplateFault) -> TemplateValue {
        var value = TemplateValue.null
        for term in terms {
            value = try evaluate(term)
            if value.isTrue == decisive { break }
        }
        return value
    }

    private func evaluate(
        _ base: TemplateExpression, _ postfixes: [TemplatePostfix]
    ) throws(TemplateFault) -> TemplateValue {
        var value = try evaluate(base)
        for postfix in postfixes {
            try budget.spend()
            switch postfix {
            case .attribute(let name): value = try operators.attribute(name, of: value)
            case .index(let expression):
                value = try operators.item(try evaluate(expression), of: value)
            case .slice(let start, let end, let step):
                value = try operators.slice(
                    value, try optional(start), try optional(end), try optional(step))
            case .call(let arguments): value = try call(value, try evaluate(arguments))
            case .filter(let name, let arguments):
                value = try filter(name, value, try evaluate(arguments))
            case .test(let name, let arguments, let negated):
                value = .bool(try test(name, value, try evaluate(arguments)) != negated)
            }
        }
        return value
    }

    private func optional(_ expression: TemplateExpression?) throws(TemplateFault) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .null = value { return nil }
        guard let index = TemplateOperators.integer(value) else {
            throw .evaluation("a slice needs integers, not \(value.kind)")
        }
        return index
    }

    func evaluate(_ arguments: TemplateArguments) throws(TemplateFault) -> TemplateCallValues {
        var values = TemplateCallValues(positional: try evaluate(arguments.positional))
        for argument in arguments.named {
            values.named.append((argument.name, try evaluate(argument.value)))
        }
        return values
    }
}
