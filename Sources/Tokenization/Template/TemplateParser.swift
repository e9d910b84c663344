/// Blocks: `for`, `if`, `set`, `macro`, `generation`, `break`, `continue`.
struct TemplateParser {
    private let pieces: [TemplatePiece]
    private let template: String
    private var index = 0
    private var depth = 0
    /// How many loops are open here.
    var openLoops = 0

    static func parse(_ source: String, name: String) throws(TemplateError) -> [TemplateNode] {
        var parser = TemplateParser(
            pieces: try TemplateCutter.cut(source, name: name), template: name)
        let (nodes, end) = try parser.nodes(until: [])
        if let end { throw end.fault("{% \(end.word) %} without a beginning") }
        return nodes
    }

    private init(pieces: [TemplatePiece], template: String) {
        self.pieces = pieces
        self.template = template
    }

    /// A block tag that ends or divides a block.
    struct EndTag {
        var word: String
        var rest: TemplateExpressionParser

        func fault(_ what: String) -> TemplateError { rest.fault(what) }
    }

    /// Nodes up to one of the `ends`, or to any tag that this level does not know.
    private mutating func nodes(
        until ends: Set<String>
    ) throws(TemplateError) -> ([TemplateNode], EndTag?) {
        var result: [TemplateNode] = []
        while index < pieces.count {
            let piece = pieces[index]
            index += 1
            switch piece {
            case .text(let text): result.append(TemplateNode(line: 0, kind: .text(text)))
            case .output(let tokens, let line):
                var parser = expressions(tokens, line)
                let value = try parser.expression()
                try parser.expectEnd()
                result.append(TemplateNode(line: line, kind: .output(value)))
            case .block(let tokens, let line):
                var parser = expressions(tokens, line)
                let word = try parser.identifier()
                if ends.contains(word) { return (result, EndTag(word: word, rest: parser)) }
                if Self.endings.contains(word) { return (result, EndTag(word: word, rest: parser)) }
                try append(word, &parser, line, to: &result)
            }
        }
        return (result, nil)
    }

    private static let endings: Set<String> = [
        "endfor", "endif", "endset", "endmacro", "endgeneration", "else", "elif",
    ]

    private func expressions(_ tokens: [TemplateToken], _ line: Int) -> TemplateExpressionParser {
        TemplateExpressionParser(tokens, template: template, line: line, depth: depth)
    }

    private mutating func append(
        _ word: String, _ parser: inout TemplateExpressionParser, _ line: Int,
        to result: inout [TemplateNode]
    ) throws(TemplateError) {
        guard depth < TemplateExpressionParser.deepest else {
            throw TemplateError(
                template: template, line: line,
                problem: .tooDeep(limit: TemplateExpressionParser.deepest))
        }
        depth += 1
        defer { depth -= 1 }
        switch word {
        case "for": result.append(TemplateNode(line: line, kind: try loop(&parser)))
        case "if": result.append(TemplateNode(line: line, kind: try branches(&parser)))
        case "set": result.append(TemplateNode(line: line, kind: try assignment(&parser)))
        case "macro": result.append(TemplateNode(line: line, kind: try macro(&parser)))
        case "generation":
            // Marks the assistant's text for training masks; the output is the same.
            try parser.expectEnd()
            result += try body(until: ["endgeneration"], parser).nodes
        case "break", "continue":
            try parser.expectEnd()
            guard openLoops > 0 else { throw parser.fault("{% \(word) %} outside a loop") }
            result.append(
                TemplateNode(line: line, kind: word == "break" ? .breakLoop : .continueLoop))
        default: throw parser.unsupported("the block '\(word)'")
        }
    }

    /// The nodes of a block and the tag that ended it, which must be one of `ends`.
    mutating func body(
        until ends: Set<String>, _ opening: TemplateExpressionParser
    ) throws(TemplateError) -> (nodes: [TemplateNode], end: EndTag) {
        let (nodes, end) = try nodes(until: ends)
        let wanted = ends.sorted().map { "{% \($0) %}" }.joined(separator: " or ")
        guard let end else { throw opening.fault("the block has no \(wanted)") }
        guard ends.contains(end.word) else {
            throw end.fault("found {% \(end.word) %} where \(wanted) should be")
        }
        if end.word != "elif" { try end.rest.expectEnd() }
        return (nodes, end)
    }
}
