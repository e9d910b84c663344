/// The evaluated arguments of a call, filter or test.
struct TemplateCallValues {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// The argument at a place or of a name.
    subscript(_ index: Int, _ name: String) -> TemplateValue? {
        if index < positional.count { return positional[index] }
        return named.last { $0.name == name }?.value
    }

    /// Throws where there are more arguments than parameters, or names that are none.
    func check(_ what: String, _ parameters: [String]) throws(TemplateFault) {
        guard positional.count <= parameters.count else {
            throw .evaluation(
                "\(what) takes at most \(parameters.count) arguments, not \(positional.count)")
        }
        if let stranger = named.first(where: { !parameters.contains($0.name) }) {
            throw .evaluation("\(what) has no argument '\(stranger.name)'")
        }
    }

    func string(_ index: Int, _ name: String, of what: String) throws(TemplateFault) -> String? {
        switch self[index, name] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        case let other?: throw .evaluation("\(what): '\(name)' must be a string, not \(other.kind)")
        }
    }

    func int(_ index: Int, _ name: String, of what: String) throws(TemplateFault) -> Int? {
        guard let value = self[index, name] else { return nil }
        if case .null = value { return nil }
        guard let number = TemplateOperators.integer(value) else {
            throw .evaluation("\(what): '\(name)' must be an integer, not \(value.kind)")
        }
        return number
    }

    /// All but the first arguments.
    func dropFirst(_ count: Int) -> TemplateCallValues {
        TemplateCallValues(positional: Array(positional.dropFirst(count)), named: named)
    }
}
