package import GRPO

extension ObjectiveAnswer {
    /// One JSON object on one line.
    package var json: String {
        var object = JSONObjectText()
        object.add("profile", profile)
        object.add("advantages", list: advantages.map { Self.list($0.map(Self.literal)) })
        for term in terms { object.add(term.name, term.value) }
        if let kl = statistics.kl { object.add("kl", kl) }
        for group in figures {
            var members = JSONObjectText()
            for item in group.values { members.add(item.name, item.value) }
            object.add(group.name, members)
        }
        if let masked = statistics.maskedShare, masked > 0 { object.add("masked", masked) }
        if let variance = statistics.explainedVariance {
            object.add("explained_variance", variance)
        }
        if !staleness.isEmpty { object.add("staleness", list: staleness.map(String.init)) }
        for (name, values) in [
            ("gradient", gradient), ("entropy_gradient", entropyGradient),
            ("divergence_gradient", divergenceGradient), ("value_gradient", valueGradient),
        ] where !values.isEmpty {
            object.add(name, list: values.map { Self.list($0.map(Self.numbers)) })
        }
        return object.text + "\n"
    }

    private static func literal(_ advantage: CompletionAdvantage) -> String {
        switch advantage {
        case .whole(let value): JSONObjectText.number(value)
        case .tokens(let values): numbers(values)
        }
    }

    private static func numbers(_ values: [Double]) -> String {
        list(values.map(JSONObjectText.number))
    }

    private static func list(_ items: [String]) -> String {
        "[" + items.joined(separator: ",") + "]"
    }
}
