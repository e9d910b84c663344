extension TemplateRenderer {
    func stringMethod(
        _ name: String, _ text: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try budget.spend(1 + text.utf8.count / 64)
        switch name {
        case "strip", "lstrip", "rstrip":
            try values.check(name, ["chars"])
            let set = try values.string(0, "chars", of: name)
            return try budget.text(
                TemplateText.strip(text, set, left: name != "rstrip", right: name != "lstrip"))
        case "startswith", "endswith": return .bool(try hasEnd(name, text, values))
        case "split": return try split(text, values)
        case "replace": return try filter("replace", .string(text), values)
        case "join":
            try values.check(name, ["iterable"])
            guard let items = values[0, "iterable"] else { throw .evaluation("join needs a list") }
            return try filter("join", items, TemplateCallValues(positional: [.string(text)]))
        case "find", "count":
            try values.check(name, ["part"])
            guard let part = try values.string(0, "part", of: name) else {
                throw .evaluation("\(name) needs a text to look for")
            }
            return .int(try occurrence(name, of: part, in: text))
        default:
            try values.check(name, [])
            return try plainMethod(name, text)
        }
    }

    private func plainMethod(_ name: String, _ text: String) throws(TemplateFault) -> TemplateValue
    {
        switch name {
        case "upper": return try budget.text(text.uppercased())
        case "lower": return try budget.text(text.lowercased())
        case "title": return try budget.text(TemplateText.title(text))
        case "capitalize": return try budget.text(TemplateText.capitalize(text))
        case "isdigit":
            let digits: [Unicode.NumericType] = [.decimal, .digit]
            let isDigits = text.unicodeScalars.allSatisfy { scalar in
                scalar.properties.numericType.map(digits.contains) ?? false
            }
            return .bool(!text.isEmpty && isDigits)
        default:
            var lines = TemplateText.split(
                try operators.replace(text, "\r\n", "\n", limit: -1), by: "\n", limit: -1)
            if lines.last == "" { lines.removeLast() }
            return try budget.list(lines.map(TemplateValue.string))
        }
    }

    private func hasEnd(
        _ name: String, _ text: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> Bool {
        try values.check(name, ["part"])
        var parts = [values[0, "part"] ?? .undefined("the argument of \(name)")]
        if case .list(let list) = parts[0] { parts = list.items }
        for part in parts {
            guard case .string(let end) = part else {
                throw .evaluation("\(name) needs a string, not \(part.kind)")
            }
            let matches =
                name == "startswith"
                ? text.utf8.starts(with: end.utf8)
                : text.utf8.reversed().starts(with: end.utf8.reversed())
            if matches { return true }
        }
        return false
    }

    private func split(
        _ text: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try values.check("split", ["sep", "maxsplit"])
        let limit = try values.int(1, "maxsplit", of: "split") ?? -1
        let separator = try values.string(0, "sep", of: "split")
        if let separator, separator.isEmpty { throw .evaluation("split needs a separator") }
        let parts =
            separator.map { TemplateText.split(text, by: $0, limit: limit) }
            ?? TemplateText.words(text, limit: limit)
        return try budget.list(parts.map(TemplateValue.string))
    }

    /// `find`: place of the first occurrence in characters, or -1. `count`: how many there are.
    private func occurrence(
        _ name: String, of part: String, in text: String
    ) throws(TemplateFault) -> Int {
        if name == "count" {
            if part.isEmpty { return text.unicodeScalars.count + 1 }
            return TemplateText.split(text, by: part, limit: -1).count - 1
        }
        guard let offset = TemplateText.firstIndex(of: part, in: text) else { return -1 }
        return String(decoding: text.utf8.prefix(offset), as: UTF8.self).unicodeScalars.count
    }
}
