/// Blocks whose text is not looked at.
extension TemplateCutter {
    /// Text up to `{% endraw %}`, as it stands.
    mutating func readRaw(_ opened: Int) throws(TemplateError) {
        let start = index
        atLineStart = false
        while index < source.count {
            if tagKind(at: index) == "%" {
                var probe = self
                probe.index += 2
                let sign = probe.takeSign()
                if let (tokens, endSign) = try? probe.readTokens(closing: "%", line),
                    tokens.count == 1, case .name("endraw") = tokens[0].kind
                {
                    var text = Array(source[start..<index])
                    if sign == "-" {
                        while let last = text.last, isPythonSpace(last) { text.removeLast() }
                    } else if sign == nil {
                        stripIndentation(&text)
                    }
                    (index, line) = (probe.index, probe.line)
                    append(text[...], line: opened)
                    return finishTag(sign: endSign, trimsLineBreak: true)
                }
            }
            if source[index] == "\n" { line += 1 }
            index += 1
        }
        throw fault("the raw block has no {% endraw %}", opened)
    }
}
