/// What stands inside the single kinds of blocks.
extension TemplateParser {
    mutating func loop(
        _ parser: inout TemplateExpressionParser
    ) throws(TemplateError) -> TemplateNode.Kind {
        let targets = try names(&parser)
        guard parser.takeWord("in") else { throw parser.fault("expected 'in'") }
        let items = try parser.expression(allowsConditional: false)
        let condition = parser.takeWord("if") ? try parser.expression() : nil
        if parser.takeWord("recursive") { throw parser.unsupported("a recursive loop") }
        try parser.expectEnd()
        openLoops += 1
        var (inside, end) = try body(until: ["endfor", "else"], parser)
        openLoops -= 1
        var otherwise: [TemplateNode] = []
        if end.word == "else" { (otherwise, end) = try body(until: ["endfor"], parser) }
        return .loop(
            TemplateLoop(
                targets: targets, items: items, condition: condition, body: inside,
                otherwise: otherwise))
    }

    /// `a`, `a, b` or `(a, b)`.
    private func names(_ parser: inout TemplateExpressionParser) throws(TemplateError) -> [String] {
        let bracketed = parser.take("(")
        var result = [try parser.identifier()]
        while parser.take(",") { result.append(try parser.identifier()) }
        if bracketed { try parser.expect(")") }
        return result
    }

    mutating func branches(
        _ parser: inout TemplateExpressionParser
    ) throws(TemplateError) -> TemplateNode.Kind {
        var branches: [(condition: TemplateExpression, body: [TemplateNode])] = []
        var condition = try parser.expression(allowsConditional: false)
        try parser.expectEnd()
        while true {
            var (nodes, end) = try body(until: ["elif", "else", "endif"], parser)
            branches.append((condition, nodes))
            switch end.word {
            case "elif":
                condition = try end.rest.expression(allowsConditional: false)
                try end.rest.expectEnd()
            case "else":
                let otherwise = try body(until: ["endif"], parser).nodes
                return .branches(branches, otherwise: otherwise)
            default: return .branches(branches, otherwise: [])
            }
        }
    }

    mutating func assignment(
        _ parser: inout TemplateExpressionParser
    ) throws(TemplateError) -> TemplateNode.Kind {
        let targets = try names(&parser)
        if parser.take(".") {
            let attribute = try parser.identifier()
            try parser.expect("=")
            let value = try parser.expression()
            try parser.expectEnd()
            guard targets.count == 1 else { throw parser.unsupported("setting several attributes") }
            return .setAttribute(of: targets[0], named: attribute, value)
        }
        if parser.take("=") {
            var value = try parser.expression()
            if parser.take(",") {
                var items = [value, try parser.expression()]
                while parser.take(",") { items.append(try parser.expression()) }
                value = .tuple(items)
            }
            try parser.expectEnd()
            return .set(targets, value)
        }
        guard parser.isAtEnd, targets.count == 1 else { throw parser.fault("expected '='") }
        return .setBlock(targets[0], try body(until: ["endset"], parser).nodes)
    }

    mutating func macro(
        _ parser: inout TemplateExpressionParser
    ) throws(TemplateError) -> TemplateNode.Kind {
        let name = try parser.identifier()
        try parser.expect("(")
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        while !parser.take(")") {
            let parameter = try parser.identifier()
            parameters.append((parameter, parser.take("=") ? try parser.expression() : nil))
            if !parser.take(",") {
                try parser.expect(")")
                break
            }
        }
        try parser.expectEnd()
        let outer = openLoops
        openLoops = 0
        defer { openLoops = outer }
        let nodes = try body(until: ["endmacro"], parser).nodes
        return .macro(TemplateMacro(name: name, parameters: parameters, body: nodes))
    }
}
