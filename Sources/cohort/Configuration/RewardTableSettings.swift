extension Setting {
    static let reward: [Setting] = functions + programs + consequences

    private static let functions: [Setting] = [
        Setting(
            "reward.name", \.reward.names, .names, .ours,
            "Reward functions, TRL's reward_funcs: built-in ones and those that programs offer. Their "
                + "metrics are rewards/NAME/mean and rewards/NAME/std; the first one says which "
                + "completions evaluations count as right."),
        Setting(
            "reward.weights", \.reward.weights, .numberList(.any), .ours,
            "TRL's reward_weights, one per function in the same order; [] stands for 1 each."),
        Setting(
            "reward.max_completion_len", \.reward.maxCompletionLen, .integers(0...1_048_576), .ours,
            "Tokens beyond which soft_overlong_punishment_reward is -1, as in TRL's "
                + "get_soft_overlong_punishment; 0 stands for grpo.max_completion_length."),
        Setting(
            "reward.soft_punish_cache", \.reward.softPunishCache, .integers(0...1_048_576), .ours,
            "Tokens before that over which soft_overlong_punishment_reward falls from 0 to -1."),
        Setting(
            "reward.ngram_size", \.reward.ngramSize, .integers(1...1_048_576), .ours,
            "Tokens that repetition_penalty_reward looks at together, as in TRL's "
                + "get_repetition_penalty_reward."),
        Setting(
            "reward.max_penalty", \.reward.maxPenalty, .numbers(.atMost(0)), .ours,
            "What repetition_penalty_reward tends to where a completion only repeats itself."),
    ]

    private static let programs: [Setting] = [
        Setting(
            "reward.programs", \.reward.programs, .texts, .ours,
            "Commands of reward programs, for /bin/sh; whoever scores starts them and asks them in JSON "
                + "Lines (protocols/reward-jsonl.md). Which functions a program offers, it says itself."),
        Setting(
            "reward.program_seconds", \.reward.programSeconds, .numbers(.above(0, atMost: 86_400)), .ours,
            resume: .changeable, "Seconds that a program may take for one completion."),
        Setting(
            "reward.program_start_seconds", \.reward.programStartSeconds,
            .numbers(.above(0, atMost: 86_400)), .ours, resume: .changeable,
            "Seconds that a program may take from its start to its hello line."),
        Setting(
            "reward.program_restarts", \.reward.programRestarts, .integers(0...1_000_000), .ours,
            resume: .changeable,
            "Restarts of a program in a row, without 16 answers between two of them, before no more is "
                + "asked of it."),
        Setting(
            "reward.program_retries", \.reward.programRetries, .integers(0...1_000), .ours,
            resume: .changeable,
            "How often a program is asked again about a completion on which it failed, before "
                + "on_program_failure holds."),
        Setting(
            "reward.on_program_failure", \.reward.onProgramFailure, .ours,
            "What a completion on which a program failed for good leads to: its group is dropped and "
                + "sampled anew, it counts as default_reward, or the run stops."),
        Setting(
            "reward.default_reward", \.reward.defaultReward, .numbers(.any), .ours,
            "The reward of each of a program's functions where on_program_failure = \"default\"."),
    ]

    private static let consequences: [Setting] = [
        Setting(
            "reward.placement", \.reward.placement, .ours, resume: .changeable,
            "Who scores completions: the worker that sampled them or the learner."),
        Setting(
            "reward.on_bad_reward", \.reward.onBadReward, .ours,
            "What a reward that is not finite leads to: its group is dropped, or the run stops."),
    ]
}
