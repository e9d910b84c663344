/// The syntax tree. Chains of operators are flat lists, so that depth is nesting only.
indirect enum TemplateExpression: Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dict([(key: TemplateExpression, value: TemplateExpression)])
    case postfix(TemplateExpression, [TemplatePostfix])
    case negated(TemplateExpression)
    case positive(TemplateExpression)
    case not(TemplateExpression)
    case arithmetic(TemplateExpression, [(operation: String, operand: TemplateExpression)])
    case concatenation([TemplateExpression])
    case comparison(TemplateExpression, [(operation: String, operand: TemplateExpression)])
    case all([TemplateExpression])
    case any([TemplateExpression])
    case conditional(
        TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

enum TemplatePostfix: Sendable {
    case attribute(String)
    case index(TemplateExpression)
    case slice(TemplateExpression?, TemplateExpression?, TemplateExpression?)
    case call(TemplateArguments)
    case filter(String, TemplateArguments)
    case test(String, TemplateArguments, negated: Bool)
}

struct TemplateNode: Sendable {
    /// Line of the tag, from 1.
    var line: Int
    var kind: Kind

    indirect enum Kind: Sendable {
        case text(String)
        case output(TemplateExpression)
        case branches(
            [(condition: TemplateExpression, body: [TemplateNode])], otherwise: [TemplateNode])
        case loop(TemplateLoop)
        case set([String], TemplateExpression)
        case setAttribute(of: String, named: String, TemplateExpression)
        case setBlock(String, [TemplateNode])
        case macro(TemplateMacro)
        case breakLoop
        case continueLoop
    }
}

struct TemplateLoop: Sendable {
    var targets: [String]
    var items: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateNode]
    var otherwise: [TemplateNode]
}

struct TemplateMacro: Sendable {
    var name: String
    var parameters: [(name: String, fallback: TemplateExpression?)]
    var body: [TemplateNode]
}
