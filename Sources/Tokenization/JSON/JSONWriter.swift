extension JSONValue {
    /// The value as compact JSON: no spaces, keys sorted by their UTF-8 bytes, numbers as they were
    /// written. Equal documents give equal bytes.
    package var compactText: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .number(let literal): text += literal
        case .string(let string): writeJSONString(string, to: &text)
        case .array(let items): Self.write(items, to: &text)
        case .object(let members): Self.write(members, to: &text)
        }
    }

    private static func write(_ items: [JSONValue], to text: inout String) {
        text += "["
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            item.write(to: &text)
        }
        text += "]"
    }

    private static func write(_ members: [JSONMember], to text: inout String) {
        text += "{"
        let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { text += "," }
            writeJSONString(member.key, to: &text)
            text += ":"
            member.value.write(to: &text)
        }
        text += "}"
    }
}

/// Appends `string` in quotes. Only quotes, backslashes and control characters are escaped, the way
/// Python's `json.dumps(ensure_ascii=False)` does it.
package func writeJSONString(_ string: String, to text: inout String) {
    text.unicodeScalars.append("\"")
    for scalar in string.unicodeScalars {
        switch scalar {
        case "\"": text += "\\\""
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case "\u{8}": text += "\\b"
        case "\u{C}": text += "\\f"
        case "\u{0}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: text.unicodeScalars.append(scalar)
        }
    }
    text.unicodeScalars.append("\"")
}
