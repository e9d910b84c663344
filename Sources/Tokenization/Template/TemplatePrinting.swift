/// How values look as text: Python's `str` and `repr`.
extension TemplateOperators {
    /// `str(value)`; nothing for what is undefined.
    func text(of value: TemplateValue) throws(TemplateFault) -> String {
        switch value {
        case .undefined: return ""
        case .string(let text): return text
        default:
            var text = ""
            try write(value, to: &text)
            return text
        }
    }

    private func write(_ value: TemplateValue, to text: inout String) throws(TemplateFault) {
        try budget.spend(textBytes: text.utf8.count, copying: 64)
        switch value {
        case .undefined: text += "Undefined"
        case .null: text += "None"
        case .bool(let flag): text += flag ? "True" : "False"
        case .int(let value): text += String(value)
        case .double(let value): text += TemplateText.float(value)
        case .string(let string):
            try budget.spend(textBytes: text.utf8.count, copying: string.utf8.count)
            Self.writeQuoted(string, to: &text)
        case .list(let list):
            text += list.isTuple ? "(" : "["
            for (index, item) in list.items.enumerated() {
                if index > 0 { text += ", " }
                try write(item, to: &text)
            }
            if list.isTuple, list.items.count == 1 { text += "," }
            text += list.isTuple ? ")" : "]"
        case .dict(let dict):
            text += "{"
            for (index, entry) in dict.entries.enumerated() {
                if index > 0 { text += ", " }
                Self.writeQuoted(entry.key, to: &text)
                text += ": "
                try write(entry.value, to: &text)
            }
            text += "}"
        case .namespace, .function: throw .evaluation("\(value.kind) cannot be written as text")
        }
    }

    private static func writeQuoted(_ string: String, to text: inout String) {
        let scalars = string.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        text.unicodeScalars.append(quote)
        for scalar in scalars {
            switch scalar {
            case quote, "\\": text += "\\\(scalar)"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ", "\u{7F}"..."\u{A0}", "\u{AD}": text += "\\x" + hex(scalar, 2)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.unicodeScalars.append(quote)
    }

    private static func hex(_ scalar: Unicode.Scalar, _ digits: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
