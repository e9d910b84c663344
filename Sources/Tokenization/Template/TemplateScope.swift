/// Variables of the template, of one round of a loop, or of one macro call.
final class TemplateScope {
    var variables: [String: TemplateValue] = [:]
    private let parent: TemplateScope?

    init(parent: TemplateScope? = nil) { self.parent = parent }

    func look(up name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.variables[name] { return value }
            scope = current.parent
        }
        return nil
    }
}
