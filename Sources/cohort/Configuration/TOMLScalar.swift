/// The values of TOML that stand without quotes and brackets, as its grammar (toml.abnf 1.0) has
/// them.
enum TOMLScalar {
    /// The parser looks back at most 63 characters.
    private static let lengthMax = 60

    static func isWellFormed(_ text: String) -> Bool {
        guard text.utf8.count <= lengthMax else { return false }
        return isWord(text) || isNumber(text) || isDateOrTime(text)
    }

    private static func isWord(_ text: String) -> Bool {
        text.wholeMatch(of: /true|false|[+\-]?(?:inf|nan)/) != nil
    }

    private static func isNumber(_ text: String) -> Bool {
        let decimal =
            /[+\-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+\-]?[0-9](?:_?[0-9])*)?/
        let other =
            /0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*/
        return text.wholeMatch(of: decimal) != nil || text.wholeMatch(of: other) != nil
    }

    private static func isDateOrTime(_ text: String) -> Bool {
        let time = /[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?/
        let date = /[0-9]{4}-[0-9]{2}-[0-9]{2}/
        let offset = /[Zz]|[+\-][0-9]{2}:[0-9]{2}/
        if text.wholeMatch(of: time) != nil || text.wholeMatch(of: date) != nil { return true }
        guard let day = text.prefixMatch(of: date) else { return false }
        let rest = text[day.range.upperBound...]
        guard let separator = rest.first, "Tt ".contains(separator),
            let clock = rest.dropFirst().prefixMatch(of: time)
        else { return false }
        let end = rest[clock.range.upperBound...]
        return end.isEmpty || end.wholeMatch(of: offset) != nil
    }
}
