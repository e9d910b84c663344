/// What several of verl's keys mean together.
extension VerlRules {
    /// Optimiser steps per pass over a generation batch, and its size in prompts.
    static func cut(_ settings: ForeignSettings) throws(ImportObstacle) -> (prompts: Int, steps: Int) {
        let prompts = try settings.positive("data.train_batch_size")
        let mini = try settings.positive("\(actor).ppo_mini_batch_size")
        guard prompts % mini == 0 else {
            throw ImportObstacle("\(prompts) prompts are not a whole number of minibatches of \(mini)")
        }
        return (prompts, prompts / mini)
    }

    /// verl counts prompts where completions are counted here.
    static func batches(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let (prompts, steps) = try cut(settings)
        let group = try settings.positive("\(rollout).n")
        return ImportRule.Outcome(
            assignments: [
                .init("grpo.generation_batch_size", .integer(Int64(try TRLRules.product(prompts, group)))),
                .init("grpo.steps_per_generation", .integer(Int64(steps))),
            ],
            remark:
                "\(prompts) prompts of \(group) completions, \(prompts / steps) prompts per optimiser step")
    }

    static func length(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        guard let steps = try settings.optionalCount("trainer.total_training_steps") else {
            let passes = try settings.number("trainer.total_epochs")
            throw ImportObstacle(
                "run.max_steps counts generation batches: passes over the data, \(passes) here, times prompts "
                    + "/ data.train_batch_size")
        }
        return ImportRule.Outcome(assignments: [.init("run.max_steps", .integer(Int64(steps)))])
    }

    /// Not above 0: never.
    static func interval(
        _ path: String, of settings: ForeignSettings, to target: String
    ) throws(ImportObstacle) -> ImportRule.Outcome {
        ImportRule.Outcome(assignments: [.init(target, .integer(Int64(max(0, try settings.count(path)))))])
    }

    static func file(
        _ path: String, of settings: ForeignSettings, to target: String
    ) throws(ImportObstacle) -> ImportRule.Outcome {
        let files = try settings.list(path)
        guard let first = files.first else { return ImportRule.Outcome() }
        guard files.count == 1, case .text(let name) = first, name.hasSuffix(".jsonl") else {
            throw ImportObstacle(
                "\(target) is one JSON Lines file with a column \"prompt\"; save the data as one")
        }
        return ImportRule.Outcome(assignments: [.init(target, .text(name))])
    }

    /// verl moves the rate once per generation batch, not per optimiser step.
    static func schedule(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let optim = "\(actor).optim"
        let isOlder = try settings.optionalText("\(optim).warmup_style") != nil
        let style = try settings.text("\(optim).\(isOlder ? "warmup_style" : "lr_scheduler_type")")
        guard ["constant", "cosine"].contains(style) else {
            throw ImportObstacle(ImportRule.noCounterpart("\(optim).lr_scheduler_type", style))
        }
        var batches = try settings.count("\(optim).lr_warmup_steps")
        let share = batches < 0 ? try settings.number("\(optim).lr_warmup_steps_ratio") : 0
        if share > 0 {
            guard share < 1, let total = try settings.optionalCount("trainer.total_training_steps"), total > 0
            else {
                throw ImportObstacle("a share of the run's steps needs trainer.total_training_steps")
            }
            batches = Int(share * Double(total))
        }
        let perBatch = try TRLRules.product(
            try cut(settings).steps, try settings.positive("\(actor).ppo_epochs"))
        let steps = try TRLRules.product(max(0, batches), perBatch)
        let name = style == "constant" && steps > 0 ? "constant_with_warmup" : style
        return ImportRule.Outcome(
            assignments: [
                .init("grpo.lr_scheduler_type", .text(name)),
                .init("grpo.warmup_steps", .integer(Int64(steps))),
            ],
            remark: steps > 0 ? "\(batches) generation batches of \(perBatch) optimiser steps" : nil)
    }

    static func betas(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let values = try settings.list("\(actor).optim.betas").compactMap { value -> Double? in
            switch value {
            case .number(let number): number
            case .integer(let whole): Double(whole)
            default: nil
            }
        }
        guard values.count == 2 else { throw ImportObstacle("\(actor).optim.betas must be two numbers") }
        return ImportRule.Outcome(assignments: [
            .init("grpo.adam_beta1", .number(values[0])), .init("grpo.adam_beta2", .number(values[1])),
        ])
    }

    static func estimator(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let estimator = try settings.text("algorithm.adv_estimator")
        let scale = try settings.flag("algorithm.norm_adv_by_std_in_grpo") ? "group" : "none"
        let (baseline, place, scaling): (String, String, String)
        switch estimator {
        case "grpo": (baseline, place, scaling) = ("mean", "outside", scale)
        case "grpo_vectorized": (baseline, place, scaling) = ("mean", "floor", scale)
        case "rloo", "rloo_vectorized": (baseline, place, scaling) = ("leave_one_out", "outside", "none")
        default: throw ImportObstacle(ImportRule.noCounterpart("algorithm.adv_estimator", estimator))
        }
        return ImportRule.Outcome(assignments: [
            .init("grpo.advantage_baseline", .text(baseline)), .init("grpo.scale_rewards", .text(scaling)),
            .init("grpo.advantage_epsilon_place", .text(place)),
        ])
    }

    /// The two sides come before `clip_ratio`, which verl reads only where they are null.
    static func clip(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        func bound(_ side: String) throws(ImportObstacle) -> Double {
            if let own = try settings.optionalNumber("\(actor).clip_ratio_\(side)") { return own }
            return try settings.number("\(actor).clip_ratio")
        }
        return ImportRule.Outcome(assignments: [
            .init("grpo.epsilon", .number(try bound("low"))),
            .init("grpo.epsilon_high", .number(try bound("high"))),
        ])
    }

    static func mismatch(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let modes = ["token": "token_truncate", "sequence": "sequence_truncate"]
        guard let level = try settings.optionalText("\(correction).rollout_is") else {
            return ImportRule.Outcome(assignments: [
                .init("grpo.importance_sampling_correction", .text("none"))
            ])
        }
        guard let mode = modes[level] else {
            throw ImportObstacle(ImportRule.noCounterpart("\(correction).rollout_is", level))
        }
        let isBypassed = try settings.flag("\(correction).bypass_mode")
        return ImportRule.Outcome(assignments: [
            .init("grpo.importance_sampling_correction", .text(mode)),
            .init(
                "grpo.importance_sampling_clip_max",
                .number(try settings.number("\(correction).rollout_is_threshold"))),
            .init("grpo.proximal", .text(isBypassed ? "behavior" : "recomputed")),
        ])
    }
}
