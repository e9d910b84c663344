/// A template cut into plain text and tags, with white space control already applied.
enum TemplatePiece: Sendable {
    case text(String)
    case output([TemplateToken], line: Int)
    case block([TemplateToken], line: Int)
}

/// Cuts a template as Jinja does with `trim_blocks` and `lstrip_blocks` on: the line break after a block
/// tag and the indentation before it are not part of the text.
struct TemplateCutter {
    let source: [Unicode.Scalar]
    let name: String
    var index = 0
    var line = 1
    var pieces: [TemplatePiece] = []
    /// Whether the text that comes next begins a line of the template.
    var atLineStart = true

    private init(_ source: String, name: String) {
        var scalars = TemplateCutter.withPlainLineEnds(source)
        // As with `keep_trailing_newline` off.
        if scalars.last == "\n" { scalars.removeLast() }
        self.source = scalars
        self.name = name
    }

    static func cut(_ source: String, name: String) throws(TemplateError) -> [TemplatePiece] {
        var cutter = TemplateCutter(source, name: name)
        while cutter.index < cutter.source.count { try cutter.step() }
        return cutter.pieces
    }

    private static func withPlainLineEnds(_ source: String) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var afterReturn = false
        for scalar in source.unicodeScalars {
            if scalar != "\n" || !afterReturn { result.append(scalar == "\r" ? "\n" : scalar) }
            afterReturn = scalar == "\r"
        }
        return result
    }

    /// Text up to the next tag, and the tag.
    mutating func step() throws(TemplateError) {
        let start = index
        while index < source.count, tagKind(at: index) == nil { index += 1 }
        var text = Array(source[start..<index])
        let textLine = line
        line += text.count { $0 == "\n" }
        guard index < source.count, let kind = tagKind(at: index) else {
            return append(text[...], line: textLine)
        }
        index += 2
        let sign = takeSign()
        if sign == "-" {
            while let last = text.last, isPythonSpace(last) { text.removeLast() }
        } else if sign == nil, kind != "{" {
            stripIndentation(&text)
        }
        append(text[...], line: textLine)
        switch kind {
        case "#": try skipComment()
        case "{": try readOutput()
        default: try readBlock()
        }
    }

    func tagKind(at index: Int) -> Unicode.Scalar? {
        guard index + 1 < source.count, source[index] == "{" else { return nil }
        let next = source[index + 1]
        return next == "{" || next == "%" || next == "#" ? next : nil
    }

    mutating func takeSign() -> Unicode.Scalar? {
        guard index < source.count, source[index] == "-" || source[index] == "+" else { return nil }
        defer { index += 1 }
        return source[index]
    }

    /// Removes white space between the last line break and a block tag.
    func stripIndentation(_ text: inout [Unicode.Scalar]) {
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 }
        guard lineStart != nil || atLineStart else { return }
        let from = lineStart ?? 0
        if text[from...].allSatisfy(isPythonSpace) { text.removeSubrange(from...) }
    }

    mutating func append(_ text: ArraySlice<Unicode.Scalar>, line: Int) {
        guard !text.isEmpty else { return }
        var string = ""
        string.unicodeScalars.append(contentsOf: text)
        pieces.append(.text(string))
    }

    mutating func skipComment() throws(TemplateError) {
        let opened = line
        while index + 1 < source.count, source[index] != "#" || source[index + 1] != "}" {
            if source[index] == "\n" { line += 1 }
            index += 1
        }
        guard index + 1 < source.count else { throw fault("the comment has no end #}", opened) }
        let strips = source[index - 1] == "-"
        index += 2
        finishTag(sign: strips ? "-" : nil, trimsLineBreak: true)
    }

    mutating func readOutput() throws(TemplateError) {
        let opened = line
        let (tokens, sign) = try readTokens(closing: "}", opened)
        pieces.append(.output(tokens, line: opened))
        finishTag(sign: sign, trimsLineBreak: false)
    }

    mutating func readBlock() throws(TemplateError) {
        let opened = line
        let (tokens, sign) = try readTokens(closing: "%", opened)
        if case .name("raw")? = tokens.first?.kind, tokens.count == 1 {
            // The line break after `raw` stays: only the end tag trims.
            if sign == "-" { skipSpace() }
            return try readRaw(opened)
        }
        pieces.append(.block(tokens, line: opened))
        finishTag(sign: sign, trimsLineBreak: true)
    }

    mutating func readTokens(
        closing: Unicode.Scalar, _ opened: Int
    ) throws(TemplateError) -> ([TemplateToken], Unicode.Scalar?) {
        var lexer = TemplateLexer(source: source, index: index, line: line, name: name)
        let result = try lexer.tokens(closing: closing, opened: opened)
        (index, line) = (lexer.index, lexer.line)
        return result
    }

    /// White space after a tag: `-` takes all of it, a block tag its line break unless `+` says no.
    mutating func finishTag(sign: Unicode.Scalar?, trimsLineBreak: Bool) {
        let start = index
        if sign == "-" {
            skipSpace()
        } else if trimsLineBreak, sign == nil, index < source.count, source[index] == "\n" {
            index += 1
            line += 1
        }
        atLineStart = index > start && source[index - 1] == "\n"
    }

    mutating func skipSpace() {
        while index < source.count, isPythonSpace(source[index]) {
            if source[index] == "\n" { line += 1 }
            index += 1
        }
    }

    func fault(_ what: String, _ line: Int) -> TemplateError {
        TemplateError(template: name, line: line, problem: .syntax(what))
    }
}
