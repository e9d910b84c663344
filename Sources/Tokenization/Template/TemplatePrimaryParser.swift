/// Literals, names, brackets.
extension TemplateExpressionParser {
    mutating func primary() throws(TemplateError) -> TemplateExpression {
        guard let token = peek else { throw fault("the expression is incomplete") }
        index += 1
        switch token {
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(var text):
            // Strings side by side are one string.
            while case .string(let more)? = peek {
                text += more
                index += 1
            }
            return .string(text)
        case .name(let name): return Self.constant(name) ?? .name(name)
        case .symbol("("): return try parenthesised()
        case .symbol("["): return .list(try list(until: "]"))
        case .symbol("{"): return .dict(try pairs())
        case .symbol(let symbol):
            index -= 1
            throw fault("unexpected '\(symbol)'")
        }
    }

    private static func constant(_ name: String) -> TemplateExpression? {
        switch name {
        case "true", "True": .bool(true)
        case "false", "False": .bool(false)
        case "none", "None": .null
        default: nil
        }
    }

    private mutating func parenthesised() throws(TemplateError) -> TemplateExpression {
        if take(")") { return .tuple([]) }
        let first = try expression()
        if take(")") { return first }
        try expect(",")
        return .tuple([first] + (try list(until: ")")))
    }

    private mutating func list(until end: String) throws(TemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !take(end) {
            items.append(try expression())
            if !take(",") {
                try expect(end)
                break
            }
        }
        return items
    }

    private mutating func pairs() throws(TemplateError) -> [(
        key: TemplateExpression, value: TemplateExpression
    )] {
        var pairs: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !take("}") {
            let key = try expression()
            try expect(":")
            pairs.append((key, try expression()))
            if !take(",") {
                try expect("}")
                break
            }
        }
        return pairs
    }
}
