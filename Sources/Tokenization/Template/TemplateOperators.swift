/// Operators on values, as Python has them. Comparing goes through `budget`, because lists can share
/// their parts and be exponentially larger than they look.
struct TemplateOperators {
    let budget: TemplateBudget

    func equal(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        try budget.spend()
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): return true
        case (.string(let a), .string(let b)): return sameScalars(a, b)
        case (.list(let a), .list(let b)):
            guard a.items.count == b.items.count, a.isTuple == b.isTuple else { return false }
            for (x, y) in zip(a.items, b.items) where try !equal(x, y) { return false }
            return true
        case (.dict(let a), .dict(let b)): return try equal(a, b)
        case (.namespace(let a), .namespace(let b)): return a === b
        default:
            guard let a = Self.number(left), let b = Self.number(right) else { return false }
            return a == b
        }
    }

    private func equal(_ left: TemplateDict, _ right: TemplateDict) throws(TemplateFault) -> Bool {
        guard left.entries.count == right.entries.count else { return false }
        for entry in left.entries {
            guard let other = right[entry.key], try equal(entry.value, other) else { return false }
        }
        return true
    }

    /// Booleans count as 0 and 1.
    static func number(_ value: TemplateValue) -> Double? {
        switch value {
        case .bool(let flag): flag ? 1 : 0
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    static func integer(_ value: TemplateValue) -> Int? {
        switch value {
        case .bool(let flag): flag ? 1 : 0
        case .int(let value): value
        default: nil
        }
    }

    /// Whether `left` comes before `right`.
    func precedes(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateFault) -> Bool {
        try budget.spend()
        if case .string(let a) = left, case .string(let b) = right {
            return a.utf8.lexicographicallyPrecedes(b.utf8)
        }
        if case .list(let a) = left, case .list(let b) = right, a.isTuple == b.isTuple {
            for (x, y) in zip(a.items, b.items) where try !equal(x, y) { return try precedes(x, y) }
            return a.items.count < b.items.count
        }
        if let a = Self.integer(left), let b = Self.integer(right) { return a < b }
        guard let a = Self.number(left), let b = Self.number(right) else {
            throw .evaluation("\(left.kind) and \(right.kind) have no order")
        }
        return a < b
    }

    func compare(
        _ operation: String, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateFault) -> Bool {
        switch operation {
        case "==": return try equal(left, right)
        case "!=": return try !equal(left, right)
        case "<": return try precedes(left, right)
        case ">": return try precedes(right, left)
        case "<=":
            if try precedes(left, right) { return true } else { return try equal(left, right) }
        case ">=":
            if try precedes(right, left) { return true } else { return try equal(left, right) }
        case "in": return try contains(right, left)
        default: return try !contains(right, left)
        }
    }

    func contains(_ whole: TemplateValue, _ part: TemplateValue) throws(TemplateFault) -> Bool {
        switch whole {
        case .undefined: return false
        case .string(let text):
            guard case .string(let part) = part else {
                throw .evaluation("'in' a string needs a string, not \(part.kind)")
            }
            try budget.spend(1 + text.utf8.count / 64)
            return TemplateText.firstIndex(of: part, in: text) != nil
        case .list(let list):
            for item in list.items where try equal(item, part) { return true }
            return false
        case .dict(let dict):
            guard case .string(let key) = part else { return false }
            return dict[key] != nil
        default: throw .evaluation("'in' does not work on \(whole.kind)")
        }
    }

    func arithmetic(
        _ operation: String, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateFault) -> TemplateValue {
        switch (operation, left, right) {
        case ("+", .string(let a), .string(let b)):
            try budget.spend(textBytes: a.utf8.count + b.utf8.count)
            return .string(a + b)
        case ("+", .list(let a), .list(let b)) where a.isTuple == b.isTuple:
            return try budget.list(a.items + b.items, isTuple: a.isTuple)
        case ("*", .string(let text), .int(let count)), ("*", .int(let count), .string(let text)):
            let (bytes, overflow) = text.utf8.count.multipliedReportingOverflow(by: max(0, count))
            try budget.spend(textBytes: overflow ? .max : bytes)
            return .string(String(repeating: text, count: max(0, count)))
        default: break
        }
        if operation != "/", let a = Self.integer(left), let b = Self.integer(right) {
            return try integers(operation, a, b)
        }
        guard let a = Self.number(left), let b = Self.number(right) else {
            throw .evaluation("'\(operation)' does not work on \(left.kind) and \(right.kind)")
        }
        return .double(try doubles(operation, a, b))
    }

    private func integers(_ operation: String, _ a: Int, _ b: Int) throws(TemplateFault)
        -> TemplateValue
    {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case "+": result = a.addingReportingOverflow(b)
        case "-": result = a.subtractingReportingOverflow(b)
        case "*": result = a.multipliedReportingOverflow(by: b)
        default:
            guard b != 0 else { throw .evaluation("division by zero") }
            let quotient = a.dividedReportingOverflow(by: b)
            guard !quotient.overflow else { throw .evaluation("the number is too large") }
            let remainder = a - quotient.partialValue * b
            // Python rounds towards minus infinity.
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if operation == "//" { return .int(quotient.partialValue - (isBelow ? 1 : 0)) }
            return .int(remainder + (isBelow ? b : 0))
        }
        guard !result.overflow else { throw .evaluation("the number is too large") }
        return .int(result.partialValue)
    }

    private func doubles(_ operation: String, _ a: Double, _ b: Double) throws(TemplateFault)
        -> Double
    {
        switch operation {
        case "+": return a + b
        case "-": return a - b
        case "*": return a * b
        default:
            guard b != 0 else { throw .evaluation("division by zero") }
            if operation == "/" { return a / b }
            if operation == "//" { return (a / b).rounded(.down) }
            let remainder = a.truncatingRemainder(dividingBy: b)
            return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
        }
    }
}
