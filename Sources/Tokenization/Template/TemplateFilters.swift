enum TemplateFilters {
    static let names: Set<String> = [
        "tojson", "trim", "default", "d", "join", "upper", "lower", "capitalize", "title", "length",
        "count", "first", "last", "selectattr", "rejectattr", "map", "select", "reject", "string",
        "replace", "int", "float", "items", "list", "reverse", "sort", "abs", "min", "max",
        "indent",
        "safe",
    ]
}

extension TemplateRenderer {
    func filter(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        if case .string(let text) = value { try budget.spend(1 + text.utf8.count / 64) }
        switch name {
        case "default", "d":
            try values.check(name, ["default_value", "boolean"])
            let replaces = values[1, "boolean"]?.isTrue == true ? !value.isTrue : value.isUndefined
            return replaces ? values[0, "default_value"] ?? .string("") : value
        case "tojson":
            var writer = try TemplateJSONWriter(budget: budget, values)
            try writer.write(value)
            return try budget.text(writer.text)
        case "selectattr", "rejectattr", "select", "reject": return try select(name, value, values)
        case "map": return try map(value, values)
        case "join": return try join(value, values)
        case "int", "float": return try number(name, value, values)
        case "trim", "upper", "lower", "capitalize", "title", "string", "replace", "indent", "safe":
            return try textFilter(name, value, values)
        default: return try listFilter(name, value, values)
        }
    }

    private func textFilter(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        let text = try operators.text(of: value)
        switch name {
        case "trim":
            try values.check(name, ["chars"])
            let set = try values.string(0, "chars", of: name)
            return try budget.text(TemplateText.strip(text, set, left: true, right: true))
        case "replace":
            try values.check(name, ["old", "new", "count"])
            guard let old = try values.string(0, "old", of: name),
                let new = try values.string(1, "new", of: name)
            else { throw .evaluation("replace needs the old and the new text") }
            let count = try values.int(2, "count", of: name) ?? -1
            return .string(try operators.replace(text, old, new, limit: count))
        case "indent": return try indent(text, values)
        default: break
        }
        try values.check(name, [])
        switch name {
        case "upper": return try budget.text(text.uppercased())
        case "lower": return try budget.text(text.lowercased())
        case "capitalize": return try budget.text(TemplateText.capitalize(text))
        case "title": return try budget.text(TemplateText.titleFilter(text))
        default: return try budget.text(text)
        }
    }

    private func indent(
        _ text: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try values.check("indent", ["width", "first", "blank"])
        var prefix = ""
        if case .string(let given)? = values[0, "width"] {
            prefix = given
        } else {
            let width = try values.int(0, "width", of: "indent") ?? 4
            guard width <= 64 else { throw .evaluation("indent: 'width' is too large") }
            prefix = String(repeating: " ", count: max(0, width))
        }
        let blank = values[2, "blank"]?.isTrue ?? false
        var result = values[1, "first"]?.isTrue == true ? prefix : ""
        for (index, line) in TemplateText.split(text, by: "\n", limit: -1).enumerated() {
            if index > 0 { result += "\n" + (blank || !line.isEmpty ? prefix : "") }
            try budget.spend(
                textBytes: result.utf8.count + line.utf8.count, copying: line.utf8.count)
            result += line
        }
        return .string(result)
    }

    private func join(
        _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try values.check("join", ["d", "attribute"])
        let separator = try values.string(0, "d", of: "join") ?? ""
        let attribute = try values.string(1, "attribute", of: "join")
        var text = ""
        for (index, item) in try operators.items(of: value).enumerated() {
            let shown = try attribute.map { (name) throws(TemplateFault) in
                try member(name, of: item)
            }
            let next = try operators.text(of: shown ?? item)
            let added = next.utf8.count + separator.utf8.count
            try budget.spend(textBytes: text.utf8.count + added, copying: added)
            if index > 0 { text += separator }
            text += next
        }
        return .string(text)
    }

    private func number(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try values.check(name, name == "int" ? ["default", "base"] : ["default"])
        if values[1, "base"] != nil { throw TemplateFault(.unsupported("int with a base")) }
        var parsed = TemplateOperators.number(value)
        var whole = TemplateOperators.integer(value)
        if case .string(let text) = value {
            let trimmed = TemplateText.strip(text, nil, left: true, right: true)
            parsed = Double(trimmed)
            whole = Int(trimmed)
        }
        if name == "float" {
            return parsed.map(TemplateValue.double) ?? values[0, "default"] ?? .double(0)
        }
        if whole == nil, let parsed { whole = Int(exactly: parsed.rounded(.towardZero)) }
        return whole.map(TemplateValue.int) ?? values[0, "default"] ?? .int(0)
    }
}

extension TemplateValue {
    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }
}
