/// `select`, `reject`, `map` and their like.
extension TemplateRenderer {
    func select(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        var rest = values
        var attribute: String?
        if name.hasSuffix("attr") {
            guard let first = try values.string(0, "attribute", of: name) else {
                throw .evaluation("\(name) needs the name of an attribute")
            }
            attribute = first
            rest = values.dropFirst(1)
        }
        let testName = try rest.string(0, "test", of: name)
        if let testName, !TemplateTests.names.contains(testName) {
            throw TemplateFault(.unsupported("the test '\(testName)'"))
        }
        let wanted = name.hasPrefix("select")
        var passing: [TemplateValue] = []
        for item in try operators.items(of: value) {
            var subject = item
            if let attribute { subject = try member(attribute, of: item) }
            let passes =
                if let testName { try test(testName, subject, rest.dropFirst(1)) } else {
                    subject.isTrue
                }
            if passes == wanted { passing.append(item) }
        }
        return try budget.list(passing)
    }

    func map(
        _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        var results: [TemplateValue] = []
        let items = try operators.items(of: value)
        if values.positional.isEmpty {
            try values.check("map", ["attribute", "default"])
            guard let attribute = try values.string(0, "attribute", of: "map") else {
                throw .evaluation("map needs a filter or an attribute")
            }
            // None as the default is no default.
            let given = values[1, "default"]
            let fallback = if case .null? = given { TemplateValue?.none } else { given }
            for item in items {
                results.append(try member(attribute, of: item, default: fallback))
            }
        } else {
            guard let name = try values.string(0, "filter", of: "map") else {
                throw .evaluation("map needs a filter or an attribute")
            }
            guard TemplateFilters.names.contains(name) else {
                throw TemplateFault(.unsupported("the filter '\(name)'"))
            }
            for item in items {
                results.append(
                    try nested { () throws(TemplateFault) in
                        try filter(name, item, values.dropFirst(1))
                    })
            }
        }
        return try budget.list(results)
    }

    /// A member by a dotted path; a part that is a number is a place in a list. `fallback` stands for
    /// each part that is not there, and the next part is looked for in it, as in Jinja.
    func member(
        _ path: String, of value: TemplateValue, default fallback: TemplateValue? = nil
    ) throws(TemplateFault) -> TemplateValue {
        var current = value
        for part in TemplateText.split(path, by: ".", limit: -1) {
            let key = Int(part).map(TemplateValue.int) ?? .string(part)
            current = try operators.item(key, of: current)
            if let fallback, current.isUndefined { current = fallback }
        }
        return current
    }
}
