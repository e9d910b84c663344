/// `tojson`: Python's `json.dumps` with `ensure_ascii=False`, as chat templates expect it.
struct TemplateJSONWriter {
    let budget: TemplateBudget
    let indent: String?
    let itemSeparator: String
    let keySeparator: String
    let sortsKeys: Bool
    private(set) var text = ""

    init(budget: TemplateBudget, _ values: TemplateCallValues) throws(TemplateFault) {
        self.budget = budget
        try values.check("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
        if case .string(let text)? = values[1, "indent"] {
            indent = text
        } else {
            let width = try values.int(1, "indent", of: "tojson")
            guard width ?? 0 <= 64 else { throw .evaluation("tojson: 'indent' is too large") }
            indent = width.map { String(repeating: " ", count: max(0, $0)) }
        }
        if case .list(let list)? = values[2, "separators"] {
            guard list.items.count == 2, case .string(let item) = list.items[0],
                case .string(let key) = list.items[1]
            else { throw .evaluation("tojson: 'separators' must be two strings") }
            (itemSeparator, keySeparator) = (item, key)
        } else {
            (itemSeparator, keySeparator) = (indent == nil ? ", " : ",", ": ")
        }
        sortsKeys = values[3, "sort_keys"]?.isTrue ?? false
        if values[0, "ensure_ascii"]?.isTrue == true {
            throw TemplateFault(.unsupported("tojson with ensure_ascii"))
        }
    }

    mutating func write(_ value: TemplateValue, level: Int = 1) throws(TemplateFault) {
        try budget.spend(textBytes: text.utf8.count, copying: 64)
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value): text += Self.number(value)
        case .string(let string):
            try budget.spend(
                textBytes: text.utf8.count + string.utf8.count, copying: string.utf8.count)
            writeJSONString(string, to: &text)
        case .list(let list): try write(list.items, level)
        case .dict(let dict): try write(dict.entries, level)
        default: throw .evaluation("tojson does not work on \(value.kind)")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return TemplateText.float(value)
    }

    private mutating func write(_ items: [TemplateValue], _ level: Int) throws(TemplateFault) {
        text += "["
        for (index, item) in items.enumerated() {
            if index > 0 { text += itemSeparator }
            breakLine(level)
            try write(item, level: level + 1)
        }
        if !items.isEmpty { breakLine(level - 1) }
        text += "]"
    }

    private mutating func write(
        _ entries: [(key: String, value: TemplateValue)], _ level: Int
    ) throws(TemplateFault) {
        text += "{"
        let ordered =
            sortsKeys
            ? entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : entries
        for (index, entry) in ordered.enumerated() {
            if index > 0 { text += itemSeparator }
            breakLine(level)
            writeJSONString(entry.key, to: &text)
            text += keySeparator
            try write(entry.value, level: level + 1)
        }
        if !entries.isEmpty { breakLine(level - 1) }
        text += "}"
    }

    private mutating func breakLine(_ level: Int) {
        guard let indent else { return }
        text += "\n"
        for _ in 0..<level { text += indent }
    }
}
