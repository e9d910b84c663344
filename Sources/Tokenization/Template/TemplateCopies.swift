/// New lists and texts made of old ones.
extension TemplateOperators {
    func pairs(of dict: TemplateDict) throws(TemplateFault) -> TemplateValue {
        var pairs: [TemplateValue] = []
        for entry in dict.entries {
            pairs.append(try budget.list([.string(entry.key), entry.value], isTuple: true))
        }
        return try budget.list(pairs)
    }

    func text(
        of value: TemplateValue, reversed items: [TemplateValue]
    ) throws(TemplateFault) -> String {
        guard case .string(let text) = value else { return "" }
        try budget.spend(items.count / 64)
        return TemplateText.string(text.unicodeScalars.reversed())
    }

    /// `old` replaced by `new`, at most `limit` times (negative: everywhere).
    func replace(
        _ text: String, _ old: String, _ new: String, limit: Int
    ) throws(TemplateFault) -> String {
        let parts: [String]
        if old.isEmpty {
            // Python puts the new text before every character and at the end.
            parts = [""] + text.unicodeScalars.map(String.init) + [""]
        } else {
            parts = TemplateText.split(text, by: old, limit: limit)
        }
        var result = ""
        for (index, part) in parts.enumerated() {
            let replaces = index > 0 && (limit < 0 || index <= limit)
            let added = part.utf8.count + new.utf8.count
            try budget.spend(textBytes: result.utf8.count + added, copying: added)
            if replaces { result += new }
            result += part
        }
        return result
    }
}
