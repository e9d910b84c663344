/// What expressions work on: Python's values as far as chat templates use them.
enum TemplateValue {
    /// The value of a name or member that is not there; says which.
    case undefined(String)
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list(TemplateList)
    case dict(TemplateDict)
    case namespace(TemplateNamespace)
    case function(TemplateFunction)
}

/// The one thing that templates can change after making it.
final class TemplateNamespace {
    var values: TemplateDict

    init(_ values: TemplateDict) { self.values = values }
}

indirect enum TemplateFunction {
    /// `raise_exception`, `range`, `namespace`, `strftime_now`, `dict`
    case builtin(String)
    case method(of: TemplateValue, String)
    /// `loop.cycle`
    case cycle(Int)
    case macro(TemplateMacro, TemplateScope)
}

extension TemplateValue {
    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .dict(let dict): dict.depth
        // Never inside another value: it could come to contain itself.
        case .namespace, .function: 1 << 20
        default: 0
        }
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let flag): flag
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let list): !list.items.isEmpty
        case .dict(let dict): !dict.entries.isEmpty
        case .namespace, .function: true
        }
    }

    /// For messages.
    var kind: String {
        switch self {
        case .undefined(let name): "\(name), which is undefined"
        case .null: "none"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string: "a string"
        case .list: "a list"
        case .dict: "a mapping"
        case .namespace: "a namespace"
        case .function: "a function"
        }
    }

    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .number(let literal):
            if let value = Int(literal) {
                self = .int(value)
            } else {
                self = .double(Double(literal) ?? .nan)
            }
        case .string(let text): self = .string(text)
        case .array(let items): self = .list(TemplateList(items.map(TemplateValue.init)))
        case .object(let members):
            var dict = TemplateDict()
            for member in members { dict[member.key] = TemplateValue(member.value) }
            self = .dict(dict)
        }
    }
}
