enum TemplateTests {
    static let names: Set<String> = [
        "defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number",
        "integer", "float", "boolean", "true", "false", "odd", "even", "divisibleby", "eq",
        "equalto",
        "==", "ne", "!=", "lt", "<", "le", "<=", "gt", ">", "ge", ">=", "in", "callable", "lower",
        "upper",
    ]

    fileprivate static let comparisons = [
        "eq": "==", "equalto": "==", "==": "==", "ne": "!=", "!=": "!=", "lt": "<", "<": "<",
        "le": "<=", "<=": "<=", "gt": ">", ">": ">", "ge": ">=", ">=": ">=",
    ]
}

extension TemplateRenderer {
    func test(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> Bool {
        if let operation = TemplateTests.comparisons[name] {
            return try operators.compare(operation, value, try operand(name, values))
        }
        switch name {
        case "in": return try operators.contains(try operand(name, values), value)
        case "divisibleby", "odd", "even": return try divides(name, value, values)
        case "lower", "upper":
            let text = try operators.text(of: value)
            try budget.spend(1 + text.utf8.count / 64)
            let cased = text.unicodeScalars.contains { $0.properties.isCased }
            return cased
                && sameScalars(text, name == "lower" ? text.lowercased() : text.uppercased())
        default:
            try values.check("the test '\(name)'", [])
            return value.passes(name)
        }
    }

    private func operand(
        _ name: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        guard values.positional.count == 1, values.named.isEmpty else {
            throw .evaluation("the test '\(name)' needs one argument")
        }
        return values.positional[0]
    }

    private func divides(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> Bool {
        let divisor = name == "divisibleby" ? try operand(name, values) : .int(2)
        let remainder = try operators.arithmetic("%", value, divisor)
        return try operators.equal(remainder, .int(name == "odd" ? 1 : 0))
    }
}

extension TemplateValue {
    fileprivate func passes(_ test: String) -> Bool {
        switch (test, self) {
        case ("defined", .undefined): false
        case ("defined", _): true
        case ("undefined", .undefined): true
        case ("none", .null): true
        case ("string", .string): true
        case ("mapping", .dict): true
        // What is undefined counts as an empty sequence, as in Jinja.
        case ("iterable", .string), ("iterable", .list), ("iterable", .dict),
            ("iterable", .undefined),
            ("sequence", .string), ("sequence", .list), ("sequence", .dict),
            ("sequence", .undefined):
            true
        case ("number", .int), ("number", .double), ("number", .bool): true
        case ("integer", .int), ("float", .double), ("boolean", .bool): true
        case ("true", .bool(true)), ("false", .bool(false)), ("callable", .function): true
        default: false
        }
    }
}
