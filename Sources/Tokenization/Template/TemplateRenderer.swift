/// One rendering: walks the nodes and collects output.
final class TemplateRenderer {
    /// Of expressions and blocks within each other, over all macro calls; keeps the stack small.
    private static let deepest = 200

    let budget: TemplateBudget
    let operators: TemplateOperators
    let clock: TemplateClock?
    var scope: TemplateScope
    private var output = ""
    private var nesting = 0
    var macroDepth = 0
    /// Scopes with macros in them, which refer back to the scope.
    private var scopesWithMacros: [TemplateScope] = []

    enum Flow { case onwards, nextRound, outOfLoop }

    init(variables: [String: TemplateValue], limits: TemplateLimits, clock: TemplateClock?) {
        budget = TemplateBudget(limits)
        operators = TemplateOperators(budget: budget)
        self.clock = clock
        let given = TemplateScope()
        given.variables = variables
        scope = TemplateScope(parent: given)
    }

    func render(_ nodes: [TemplateNode]) throws(TemplateFault) -> String {
        defer { for scope in scopesWithMacros { scope.variables = [:] } }
        _ = try run(nodes)
        return output
    }

    /// Guards every recursion.
    func nested<Result>(
        _ body: () throws(TemplateFault) -> Result
    ) throws(TemplateFault) -> Result {
        try budget.spend()
        guard nesting < Self.deepest else { throw TemplateFault(.tooDeep(limit: Self.deepest)) }
        nesting += 1
        defer { nesting -= 1 }
        return try body()
    }

    func run(_ nodes: [TemplateNode]) throws(TemplateFault) -> Flow {
        for node in nodes {
            do throws(TemplateFault) {
                let flow = try nested { () throws(TemplateFault) in try run(node) }
                if flow != .onwards { return flow }
            } catch {
                var located = error
                if located.line == nil { located.line = node.line }
                throw located
            }
        }
        return .onwards
    }

    func run(_ node: TemplateNode) throws(TemplateFault) -> Flow {
        switch node.kind {
        case .text(let text): try write(text)
        case .output(let expression): try write(try operators.text(of: evaluate(expression)))
        case .branches(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue {
                return try run(branch.body)
            }
            return try run(otherwise)
        case .loop(let loop): return try run(loop)
        case .set(let names, let expression):
            try assign(try evaluate(expression), to: names, in: scope)
        case .setAttribute(let name, let attribute, let expression):
            try set(attribute, of: name, to: try evaluate(expression))
        case .setBlock(let name, let body):
            let (text, flow) = try captured(body)
            scope.variables[name] = .string(text)
            return flow
        case .macro(let macro):
            scope.variables[macro.name] = .function(.macro(macro, scope))
            scopesWithMacros.append(scope)
        case .breakLoop: return .outOfLoop
        case .continueLoop: return .nextRound
        }
        return .onwards
    }

    private func write(_ text: String) throws(TemplateFault) {
        try budget.spend(textBytes: output.utf8.count + text.utf8.count, copying: text.utf8.count)
        output += text
    }

    func captured(_ body: [TemplateNode]) throws(TemplateFault) -> (String, Flow) {
        let outer = output
        output = ""
        defer { output = outer }
        let flow = try run(body)
        return (output, flow)
    }

    func assign(
        _ value: TemplateValue, to names: [String], in scope: TemplateScope
    ) throws(TemplateFault) {
        if names.count == 1 {
            scope.variables[names[0]] = value
            return
        }
        let items = try operators.items(of: value)
        guard items.count == names.count else {
            throw .evaluation("\(items.count) values for \(names.count) names")
        }
        for (name, item) in zip(names, items) { scope.variables[name] = item }
    }

    private func set(
        _ attribute: String, of name: String, to value: TemplateValue
    ) throws(TemplateFault) {
        guard case .namespace(let namespace)? = scope.look(up: name) else {
            throw .evaluation("\(name) is not a namespace, so its attributes cannot be set")
        }
        try budget.check(depth: value.depth)
        namespace.values[attribute] = value
    }
}
