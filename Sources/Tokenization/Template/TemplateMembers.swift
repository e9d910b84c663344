/// Items, attributes and slices of values.
extension TemplateOperators {
    /// What a loop or a filter goes through: items, keys, or the characters of a text.
    func items(of value: TemplateValue) throws(TemplateFault) -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .list(let list): return list.items
        case .dict(let dict): return dict.entries.map { .string($0.key) }
        case .string(let text):
            try budget.spend(1 + text.utf8.count)
            return text.unicodeScalars.map { .string(String($0)) }
        default: throw .evaluation("\(value.kind) has no items to go through")
        }
    }

    /// `value.name`: a method, else a member.
    func attribute(_ name: String, of value: TemplateValue) throws(TemplateFault) -> TemplateValue {
        switch value {
        case .undefined(let what): throw .evaluation("\(what) is undefined and has no '\(name)'")
        case .namespace(let namespace): return namespace.values[name] ?? .undefined("'\(name)'")
        case .dict(let dict):
            if TemplateMethods.ofMappings.contains(name) {
                return .function(.method(of: value, name))
            }
            return dict[name] ?? .undefined("'\(name)'")
        case .string where TemplateMethods.ofStrings.contains(name):
            return .function(.method(of: value, name))
        default: return .undefined("'\(name)'")
        }
    }

    /// `value[key]`.
    func item(_ key: TemplateValue, of value: TemplateValue) throws(TemplateFault) -> TemplateValue
    {
        switch (value, key) {
        case (.undefined(let what), _): throw .evaluation("\(what) is undefined and has no items")
        case (.dict(let dict), .string(let name)):
            if let member = dict[name] { return member }
            return try attribute(name, of: value)
        case (_, .string(let name)): return try attribute(name, of: value)
        case (.list(let list), _):
            guard let index = Self.integer(key) else { return .undefined("an item") }
            return place(index, list.items.count).map { list.items[$0] }
                ?? .undefined("item \(index)")
        case (.string(let text), _):
            guard let index = Self.integer(key) else { return .undefined("an item") }
            try budget.spend(1 + text.utf8.count / 64)
            let scalars = Array(text.unicodeScalars)
            return place(index, scalars.count).map { .string(String(scalars[$0])) }
                ?? .undefined("item \(index)")
        default: return .undefined("an item of \(value.kind)")
        }
    }

    private func place(_ index: Int, _ count: Int) -> Int? {
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    /// `value[start:end:step]`, as Python slices.
    func slice(
        _ value: TemplateValue, _ start: Int?, _ end: Int?, _ step: Int?
    ) throws(TemplateFault) -> TemplateValue {
        switch value {
        case .list(let list):
            let places = try slicePlaces(list.items.count, start, end, step ?? 1)
            return try budget.list(places.map { list.items[$0] }, isTuple: list.isTuple)
        case .string(let text):
            try budget.spend(1 + text.utf8.count / 64)
            let scalars = Array(text.unicodeScalars)
            let places = try slicePlaces(scalars.count, start, end, step ?? 1)
            return .string(TemplateText.string(places.map { scalars[$0] }))
        default: throw .evaluation("\(value.kind) cannot be sliced")
        }
    }

    private func slicePlaces(
        _ count: Int, _ start: Int?, _ end: Int?, _ step: Int
    ) throws(TemplateFault) -> [Int] {
        guard step != 0 else { throw .evaluation("a slice's step cannot be 0") }
        func clamped(_ index: Int?, _ fallback: Int, _ range: ClosedRange<Int>) -> Int {
            guard let index else { return fallback }
            let place = index < 0 ? (index < -count ? range.lowerBound : index + count) : index
            return min(max(place, range.lowerBound), range.upperBound)
        }
        // A step longer than the text takes one item at most, as one of its length does.
        let stride = max(-count - 1, min(count + 1, step))
        try budget.spend(1 + count / 64)
        if step > 0 {
            let (from, to) = (clamped(start, 0, 0...count), clamped(end, count, 0...count))
            return Array(Swift.stride(from: from, to: to, by: stride))
        }
        let from = clamped(start, count - 1, -1...max(-1, count - 1))
        let to = clamped(end, -1, -1...max(-1, count - 1))
        return Array(Swift.stride(from: from, to: to, by: stride))
    }
}
