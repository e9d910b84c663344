internal import Ports
private import Tasks

/// Refused here, and not when the first completion is judged.
extension ConfigurationRules {
    static let rewards: [Rule] = [
        functions, knownFunctions, weights, overlongLengths, usefulPrograms, programPlacement,
        programPatience,
    ]

    private static let functions: Rule = { configuration in
        let names = configuration.reward.names
        let sentence: String? =
            switch names.count {
            case 0: "reward.name is empty, so nothing could be learnt; take for instance \"exact\""
            case 1...64: names.firstDuplicate.map { "reward.name has \(quotedString($0)) twice" }
            default: "reward.name has \(names.count) functions; at most 64 can be told apart"
            }
        return sentence.map { (["reward.name"], $0) }
    }

    /// What is not built in, some program may offer: that is seen when it starts.
    private static let knownFunctions: Rule = { configuration in
        guard configuration.reward.programs.isEmpty else { return nil }
        for name in configuration.reward.names {
            do throws(UnknownGrader) { try Graders.requireKnown(name) } catch {
                return (["reward.name"], "\(error)")
            }
        }
        return nil
    }

    private static let weights: Rule = { configuration in
        let (weights, names) = (configuration.reward.weights, configuration.reward.names)
        guard !weights.isEmpty, weights.count != names.count else { return nil }
        return (
            ["reward.weights", "reward.name"],
            "reward.weights has \(weights.count) weights for the \(names.count) functions of reward.name; "
                + "give one each, or [] for 1 each"
        )
    }

    private static let overlongLengths: Rule = { configuration in
        guard configuration.reward.names.contains(Graders.overlong) else { return nil }
        let (cache, longest) = (configuration.reward.softPunishCache, configuration.overlongLength)
        guard !(1...longest ~= cache) else { return nil }
        return (
            ["reward.soft_punish_cache", "reward.max_completion_len", "grpo.max_completion_length"],
            "\(Graders.overlong) with soft_punish_cache = \(cache) and a longest completion of "
                + "\(longest) tokens punishes nobody in good time; take 1 to \(longest)"
        )
    }

    private static let usefulPrograms: Rule = { configuration in
        let reward = configuration.reward
        guard !reward.programs.isEmpty, reward.names.allSatisfy(Graders.names.contains) else { return nil }
        return (
            ["reward.programs", "reward.name"],
            "reward.programs has a program, but every function of reward.name is built in; add the "
                + "function that the program offers to reward.name"
        )
    }

    /// Over the network nobody starts what a peer names, and over tcp nobody knows where a worker is.
    private static let programPlacement: Rule = { configuration in
        guard !configuration.reward.programs.isEmpty, !configuration.hasLocalWorkersOnly,
            configuration.reward.placement == .worker
        else { return nil }
        return (
            ["reward.placement", "reward.programs", "cluster.bind"],
            "placement = \"worker\" with reward.programs would have workers that come over tcp start "
                + "what the learner names, which they refuse; take placement = \"learner\""
        )
    }

    private static let programPatience: Rule = { configuration in
        let (program, lease) = (configuration.reward.programSeconds, configuration.cluster.leaseSeconds)
        guard !configuration.reward.programs.isEmpty, program >= lease else { return nil }
        return (
            ["reward.program_seconds", "cluster.lease_seconds"],
            "program_seconds = \(program) is not less than lease_seconds = \(lease), so work would be "
                + "handed out again while it is still judged; lower it, or raise lease_seconds"
        )
    }
}

extension [String] {
    fileprivate var firstDuplicate: String? {
        var seen: Set<String> = []
        return first { !seen.insert($0).inserted }
    }
}
