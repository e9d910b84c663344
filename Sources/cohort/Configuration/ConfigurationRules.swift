/// Which values do not fit together. Each rule looks at a configuration whose values are each in
/// range and answers with the keys involved and a sentence, or with `nil`.
enum ConfigurationRules {
    typealias Violation = (keys: [String], sentence: String)
    typealias Rule = @Sendable (RunConfiguration) -> Violation?

    static func problems(in resolved: ResolvedConfiguration) -> [ConfigurationProblem] {
        let rules = batching + schedules + cluster + lengths + shapes + rewards + algorithm
        return rules.compactMap { rule in
            guard let violation = rule(resolved.configuration) else { return nil }
            let said = violation.keys.map { "\($0): \(resolved.origin(of: SettingKey($0)))" }
            return ConfigurationProblem(
                kind: .inconsistent,
                sentence: violation.sentence + " (" + said.joined(separator: "; ") + ")")
        }
    }

    private static let batching: [Rule] = [
        { configuration in
            let (size, group) = (
                configuration.grpo.generationBatchSize, configuration.grpo.numGenerations
            )
            guard size % group != 0 else { return nil }
            let below = size / group * group
            let choice = below == 0 ? "\(group)" : "\(below) or \(below + group)"
            return (
                ["grpo.generation_batch_size", "grpo.num_generations"],
                "generation_batch_size = \(size) is not a multiple of num_generations = \(group), "
                    + "so some group would be incomplete; take \(choice)"
            )
        },
        { configuration in
            let (steps, groups) = (
                configuration.grpo.stepsPerGeneration, configuration.grpo.groupsPerBatch
            )
            guard groups > 0, steps > groups else { return nil }
            return (
                [
                    "grpo.steps_per_generation", "grpo.generation_batch_size",
                    "grpo.num_generations",
                ],
                "steps_per_generation = \(steps) is more than the \(groups) groups of a generation "
                    + "batch, and every optimiser step needs one; take at most \(groups)"
            )
        },
    ]

    private static let schedules: [Rule] = [
        { configuration in
            let grpo = configuration.grpo
            guard grpo.learningRateSchedule == .constant, grpo.warmupSteps > 0 else { return nil }
            return (
                ["grpo.lr_scheduler_type", "grpo.warmup_steps"],
                "lr_scheduler_type = \"constant\" has no warm-up, but warmup_steps = "
                    + "\(grpo.warmupSteps); take \"constant_with_warmup\" or warmup_steps = 0"
            )
        },
        { configuration in
            let grpo = configuration.grpo
            let (total, tooMany) = configuration.run.maxSteps.multipliedReportingOverflow(
                by: grpo.optimizerStepsPerBatch)
            guard !tooMany, grpo.warmupSteps > total else { return nil }
            return (
                ["grpo.warmup_steps", "run.max_steps"],
                "warmup_steps = \(grpo.warmupSteps) is more than the run's \(total) optimiser "
                    + "steps, so the learning rate would never be reached; lower it"
            )
        },
        { configuration in
            let sft = configuration.sft
            guard sft.warmupSteps > sft.steps else { return nil }
            return (
                ["sft.warmup_steps", "sft.steps"],
                "sft.warmup_steps = \(sft.warmupSteps) is more than sft.steps = \(sft.steps); "
                    + "lower it"
            )
        },
    ]
}
