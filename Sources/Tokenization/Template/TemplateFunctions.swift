enum TemplateMethods {
    static let ofMappings: Set<String> = ["items", "keys", "values", "get"]
    static let ofStrings: Set<String> = [
        "strip", "lstrip", "rstrip", "startswith", "endswith", "split", "upper", "lower", "title",
        "capitalize", "replace", "find", "count", "join", "splitlines", "isdigit",
    ]
}

extension TemplateRenderer {
    static let builtins: Set<String> = [
        "raise_exception", "range", "namespace", "strftime_now", "dict",
    ]

    func call(
        _ value: TemplateValue, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        guard case .function(let function) = value else {
            throw .evaluation("\(value.kind) cannot be called")
        }
        switch function {
        case .builtin(let name): return try builtin(name, values)
        case .cycle(let round):
            guard !values.positional.isEmpty else { throw .evaluation("loop.cycle needs items") }
            return values.positional[round % values.positional.count]
        case .macro(let macro, let definition):
            return try nested { () throws(TemplateFault) in
                try call(macro, definedIn: definition, values)
            }
        case .method(.string(let text), let name): return try stringMethod(name, text, values)
        case .method(.dict(let dict), let name): return try mappingMethod(name, dict, values)
        case .method: throw .evaluation("no such method")
        }
    }

    private func builtin(
        _ name: String, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        switch name {
        case "raise_exception":
            try values.check(name, ["message"])
            throw TemplateFault(
                .raised(try operators.text(of: values[0, "message"] ?? .string("no message"))))
        case "range": return try range(values)
        case "namespace": return .namespace(TemplateNamespace(try dict(name, values)))
        case "dict": return try budget.dict(try dict(name, values))
        default:
            try values.check(name, ["format"])
            guard let format = try values.string(0, "format", of: name) else {
                throw .evaluation("strftime_now needs a format")
            }
            guard let clock else {
                throw .evaluation("the template asks for the date, but none was given")
            }
            return try budget.text(try clock.formatted(format))
        }
    }

    private func dict(_ name: String, _ values: TemplateCallValues) throws(TemplateFault)
        -> TemplateDict
    {
        var result = TemplateDict()
        if let first = values.positional.first {
            guard values.positional.count == 1, case .dict(let given) = first else {
                throw .evaluation("\(name)() takes named arguments or one mapping")
            }
            result = given
        }
        for argument in values.named {
            try budget.check(depth: argument.value.depth)
            result[argument.name] = argument.value
        }
        return result
    }

    private func range(_ values: TemplateCallValues) throws(TemplateFault) -> TemplateValue {
        try values.check("range", ["start", "stop", "step"])
        var numbers: [Int] = []
        for value in values.positional {
            guard let number = TemplateOperators.integer(value) else {
                throw .evaluation("range needs integers, not \(value.kind)")
            }
            numbers.append(number)
        }
        guard (1...3).contains(numbers.count), values.named.isEmpty else {
            throw .evaluation("range needs one to three integers")
        }
        let (start, stop) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw .evaluation("range's step cannot be 0") }
        var items: [TemplateValue] = []
        for number in stride(from: start, to: stop, by: step) {
            // As many as Jinja's sandbox allows.
            guard items.count < 100_000 else { throw .evaluation("range is longer than 100000") }
            try budget.spend()
            items.append(.int(number))
        }
        return try budget.list(items)
    }

    private func mappingMethod(
        _ name: String, _ dict: TemplateDict, _ values: TemplateCallValues
    ) throws(TemplateFault) -> TemplateValue {
        if name == "get" {
            try values.check("get", ["key", "default"])
            guard case .string(let key)? = values[0, "key"] else {
                return values[1, "default"] ?? .null
            }
            return dict[key] ?? values[1, "default"] ?? .null
        }
        try values.check(name, [])
        switch name {
        case "items": return try operators.pairs(of: dict)
        case "keys": return try budget.list(dict.entries.map { .string($0.key) })
        default: return try budget.list(dict.entries.map(\.value))
        }
    }
}
