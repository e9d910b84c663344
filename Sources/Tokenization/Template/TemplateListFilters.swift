/// Filters that go through items.
extension TemplateRenderer {
    func listFilter(
        _ name: String, _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        if name == "sort" { return try sort(value, values) }
        try values.check(name, [])
        switch name {
        case "length", "count":
            if case .string(let text) = value { return .int(text.unicodeScalars.count) }
            return .int(try operators.items(of: value).count)
        case "items":
            if value.isUndefined { return try budget.list([]) }
            guard case .dict(let dict) = value else {
                throw .evaluation("items does not work on \(value.kind)")
            }
            return try operators.pairs(of: dict)
        case "abs":
            if case .int(let number) = value, number != .min { return .int(abs(number)) }
            if case .double(let number) = value { return .double(abs(number)) }
            throw .evaluation("abs does not work on \(value.kind)")
        default: break
        }
        let items = try operators.items(of: value)
        switch name {
        case "first": return items.first ?? .undefined("the first item")
        case "last": return items.last ?? .undefined("the last item")
        case "list": return try budget.list(items)
        case "reverse":
            if case .string = value {
                return try budget.text(try operators.text(of: value, reversed: items))
            }
            return try budget.list(items.reversed())
        default:
            guard var best = items.first else { return .undefined("the \(name) of nothing") }
            for item in items.dropFirst() {
                let isBetter =
                    name == "min"
                    ? try operators.precedes(item, best) : try operators.precedes(best, item)
                if isBetter { best = item }
            }
            return best
        }
    }

    private func sort(
        _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        try values.check("sort", ["reverse", "case_sensitive", "attribute"])
        let attribute = try values.string(2, "attribute", of: "sort")
        let foldsCase = values[1, "case_sensitive"]?.isTrue != true
        var keyed: [(key: TemplateValue, item: TemplateValue)] = []
        for item in try operators.items(of: value) {
            var key = item
            if let attribute { key = try member(attribute, of: item) }
            if foldsCase, case .string(let text) = key { key = .string(text.lowercased()) }
            keyed.append((key, item))
        }
        let isReversed = values[0, "reverse"]?.isTrue == true
        // The standard sort cannot throw the typed error, so the first one is kept and thrown after.
        var fault: TemplateFault?
        keyed.sort { left, right in
            do throws(TemplateFault) {
                return isReversed
                    ? try operators.precedes(right.key, left.key)
                    : try operators.precedes(left.key, right.key)
            } catch {
                fault = fault ?? error
                return false
            }
        }
        if let fault { throw fault }
        return try budget.list(keyed.map(\.item))
    }
}
