/// What several of prime-rl's keys mean together.
extension PrimeRLRules {
    /// The first of some keys that has a value: shared keys fill in those of the parts.
    static func first<Value>(
        _ paths: [String], _ read: (String) throws(ImportObstacle) -> Value?
    ) throws(ImportObstacle) -> Value? {
        for path in paths {
            if let value = try read(path) { return value }
        }
        return nil
    }

    static func length(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let target = "grpo.max_completion_length"
        if let tokens = try settings.optionalCount("orchestrator.train.sampling.max_completion_tokens") {
            return ImportRule.Outcome(assignments: [.init(target, .integer(Int64(tokens)))])
        }
        let tokens = try first(["orchestrator.seq_len", "seq_len"], settings.optionalCount) ?? 2048
        return ImportRule.Outcome(
            assignments: [.init(target, .integer(Int64(tokens)))],
            remark: "prime-rl bounds prompt and completion together")
    }

    static func schedule(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let type = try settings.text("trainer.scheduler.type")
        let isConstant = type == "constant"
        guard isConstant || type == "cosine" else {
            throw ImportObstacle(
                "a \(type) rate falls over the last decay_steps only; choose grpo.lr_scheduler_type"
            )
        }
        let floor = try settings.number("trainer.scheduler.min_lr")
        guard isConstant || floor == 0 else {
            throw ImportObstacle("the rate falls to 0 here, not to trainer.scheduler.min_lr")
        }
        let steps = isConstant ? 0 : try settings.count("trainer.scheduler.warmup_steps")
        return ImportRule.Outcome(assignments: [
            .init("grpo.lr_scheduler_type", .text(type)), .init("grpo.warmup_steps", .integer(Int64(steps))),
        ])
    }
}
