/// Counts what a rendering uses up.
final class TemplateBudget {
    let limits: TemplateLimits
    private var steps = 0
    /// More than any JSON document that our parser accepts, plus some.
    private static let deepestValue = 160

    init(_ limits: TemplateLimits) { self.limits = limits }

    func spend(_ count: Int = 1) throws(TemplateFault) {
        let (sum, overflow) = steps.addingReportingOverflow(count)
        guard !overflow, sum <= limits.steps else {
            throw TemplateFault(.tooManySteps(limit: limits.steps))
        }
        steps = sum
    }

    /// Pays for a text of that many bytes before it is made.
    func spend(textBytes count: Int) throws(TemplateFault) {
        guard count <= limits.textBytes else {
            throw TemplateFault(.tooLong(limitBytes: limits.textBytes))
        }
        try spend(1 + count / 64)
    }

    /// Pays for adding `count` bytes to a text, which then has `total`.
    func spend(textBytes total: Int, copying count: Int) throws(TemplateFault) {
        guard total <= limits.textBytes else {
            throw TemplateFault(.tooLong(limitBytes: limits.textBytes))
        }
        try spend(1 + count / 64)
    }

    func text(_ text: String) throws(TemplateFault) -> TemplateValue {
        try spend(textBytes: text.utf8.count)
        return .string(text)
    }

    func list(
        _ items: [TemplateValue], isTuple: Bool = false
    ) throws(TemplateFault) -> TemplateValue {
        try spend(1 + items.count / 64)
        let list = TemplateList(items, isTuple: isTuple)
        try check(depth: list.depth)
        return .list(list)
    }

    func dict(_ dict: TemplateDict) throws(TemplateFault) -> TemplateValue {
        try spend(1 + dict.entries.count / 64)
        try check(depth: dict.depth)
        return .dict(dict)
    }

    func check(depth: Int) throws(TemplateFault) {
        if depth >= 1 << 20 {
            throw .evaluation("a namespace or function cannot be stored inside another value")
        }
        if depth > Self.deepestValue { throw TemplateFault(.tooDeep(limit: Self.deepestValue)) }
    }
}
