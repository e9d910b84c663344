/// Calls of macros.
extension TemplateRenderer {
    /// What a call of `macro` writes.
    func call(
        _ macro: TemplateMacro, definedIn definition: TemplateScope, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        guard macroDepth < budget.limits.depth else {
            throw TemplateFault(.tooDeep(limit: budget.limits.depth))
        }
        let outer = scope
        let inner = TemplateScope(parent: definition)
        macroDepth += 1
        defer {
            scope = outer
            macroDepth -= 1
        }
        try values.check("\(macro.name)()", macro.parameters.map(\.name))
        scope = inner
        for (index, parameter) in macro.parameters.enumerated() {
            if let value = values[index, parameter.name] {
                inner.variables[parameter.name] = value
            } else if let fallback = parameter.fallback {
                inner.variables[parameter.name] = try evaluate(fallback)
            } else {
                inner.variables[parameter.name] = .undefined(parameter.name)
            }
        }
        return .string(try captured(macro.body).0)
    }
}
