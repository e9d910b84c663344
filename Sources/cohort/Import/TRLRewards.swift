/// TRL's reward functions as ours.
extension TRLRules {
    /// Ours by TRL's names.
    private static let functions = [
        "think_format_reward": "think_format_reward",
        "get_soft_overlong_punishment": "soft_overlong_punishment_reward",
    ]

    static func rewards(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let names = try settings.list("reward_funcs")
        let weights = try settings.list("reward_weights")
        guard !names.isEmpty else {
            guard weights.isEmpty else { throw ImportObstacle("reward_weights without reward_funcs") }
            return ImportRule.Outcome()
        }
        guard weights.isEmpty || weights.count == names.count else {
            throw ImportObstacle("\(weights.count) reward_weights for \(names.count) reward_funcs")
        }
        var outcome = ImportRule.Outcome()
        var (known, kept): ([SettingValue], [SettingValue]) = ([], [])
        var lost: [String] = []
        for (index, name) in names.enumerated() {
            guard case .text(let name) = name, let ours = functions[name] else {
                lost.append(name.literal)
                continue
            }
            known.append(.text(ours))
            if !weights.isEmpty { kept.append(try weight(weights[index])) }
        }
        guard !known.isEmpty else { throw ImportObstacle(missing(lost)) }
        outcome.assignments = assignments(known, weights: kept)
        outcome.loss = lost.isEmpty ? nil : missing(lost)
        return outcome
    }

    private static func assignments(
        _ names: [SettingValue], weights: [SettingValue]
    ) -> [ImportRule.Assignment] {
        var assignments: [ImportRule.Assignment] = [
            names.count == 1 ? .init("reward.name", names[0]) : .init("reward.name", list: names)
        ]
        if !weights.isEmpty { assignments.append(.init("reward.weights", list: weights)) }
        if names.contains(.text("soft_overlong_punishment_reward")) {
            // What TRL's script passes, whatever the run's limit is.
            assignments.append(.init("reward.max_completion_len", .integer(1280)))
            assignments.append(.init("reward.soft_punish_cache", .integer(256)))
        }
        return assignments
    }

    private static func weight(_ value: ForeignValue) throws(ImportObstacle) -> SettingValue {
        switch value {
        case .integer(let whole): return .number(Double(whole))
        case .number(let number): return .number(number)
        default: throw ImportObstacle("\(value.literal) is no weight")
        }
    }

    private static func missing(_ names: [String]) -> String {
        "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") not built in here; offer "
            + "\(names.count == 1 ? "it" : "them") from a reward program (reward.programs)"
    }
}
