/// Loops.
extension TemplateRenderer {
    func run(_ loop: TemplateLoop) throws(TemplateFault) -> Flow {
        let items = try selected(loop, from: try operators.items(of: evaluate(loop.items)))
        if items.isEmpty { return try run(loop.otherwise) }
        let outer = scope
        defer { scope = outer }
        for index in items.indices {
            try budget.spend()
            scope = TemplateScope(parent: outer)
            try assign(items[index], to: loop.targets, in: scope)
            scope.variables["loop"] = .dict(loopVariables(items, index))
            if try run(loop.body) == .outOfLoop { break }
        }
        return .onwards
    }

    /// The items that pass `for … if`.
    private func selected(
        _ loop: TemplateLoop, from items: [TemplateValue]
    ) throws(TemplateFault) -> [TemplateValue] {
        guard let condition = loop.condition else { return items }
        let outer = scope
        defer { scope = outer }
        var passing: [TemplateValue] = []
        for item in items {
            scope = TemplateScope(parent: outer)
            try assign(item, to: loop.targets, in: scope)
            if try evaluate(condition).isTrue { passing.append(item) }
        }
        return passing
    }

    private func loopVariables(_ items: [TemplateValue], _ index: Int) -> TemplateDict {
        var loop = TemplateDict()
        loop["index"] = .int(index + 1)
        loop["index0"] = .int(index)
        loop["first"] = .bool(index == 0)
        loop["last"] = .bool(index == items.count - 1)
        loop["length"] = .int(items.count)
        loop["revindex"] = .int(items.count - index)
        loop["revindex0"] = .int(items.count - index - 1)
        // Depth counts recursive loops only, which are not supported.
        loop["depth"] = .int(1)
        loop["depth0"] = .int(0)
        loop["previtem"] = index > 0 ? items[index - 1] : .undefined("loop.previtem")
        loop["nextitem"] =
            index + 1 < items.count ? items[index + 1] : .undefined("loop.nextitem")
        loop["cycle"] = .function(.cycle(index))
        return loop
    }
}
