/// What several of TRL's keys mean together.
extension TRLRules {
    /// How TRL cuts its work into pieces, in completions.
    struct Batches {
        /// One forward and backward pass of all processes.
        let pass: Int
        /// One optimiser step.
        let step: Int
        /// One generation batch.
        let generation: Int
        /// Optimiser steps per pass over a generation batch.
        let stepsPerGeneration: Int
    }

    /// TRL's arithmetic: `steps_per_generation` counts passes there, optimiser steps here.
    static func cut(_ settings: ForeignSettings) throws(ImportObstacle) -> Batches {
        let accumulation = try settings.positive("gradient_accumulation_steps")
        let pass = try product(
            try settings.positive("per_device_train_batch_size"), try settings.positive("num_processes"))
        let step = try product(pass, accumulation)
        let stated = try settings.optionalCount("generation_batch_size")
        let passes = try settings.optionalCount("steps_per_generation")
        guard stated == nil || passes == nil else {
            throw ImportObstacle("generation_batch_size and steps_per_generation exclude each other in TRL")
        }
        let passesMade = try product(pass, passes ?? accumulation)
        let generation = stated ?? passesMade
        guard generation > 0, generation % pass == 0 else {
            throw ImportObstacle(
                "a generation batch of \(generation) is not a multiple of the \(pass) of one pass")
        }
        if generation < step, step % generation == 0, try settings.count("num_iterations") == 1 {
            // Several generation batches of one policy make one optimiser step.
            return Batches(pass: pass, step: step, generation: step, stepsPerGeneration: 1)
        }
        guard generation % step == 0 else {
            throw ImportObstacle(
                "a generation batch of \(generation) is not a whole number of optimiser steps of \(step)"
            )
        }
        return Batches(pass: pass, step: step, generation: generation, stepsPerGeneration: generation / step)
    }

    static func product(_ first: Int, _ second: Int) throws(ImportObstacle) -> Int {
        let (product, isTooLarge) = first.multipliedReportingOverflow(by: second)
        guard !isTooLarge, product <= Int(Int32.max) else {
            throw ImportObstacle("the batch has more than \(Int32.max) completions")
        }
        return product
    }

    static func batches(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let batches = try cut(settings)
        let perDevice = try settings.positive("per_device_train_batch_size")
        var assignments: [ImportRule.Assignment] = [
            .init("grpo.generation_batch_size", .integer(Int64(batches.generation))),
            .init("grpo.steps_per_generation", .integer(Int64(batches.stepsPerGeneration))),
        ]
        let isEntropyLocal = try settings.number("entropy_coef") != 0
        if try settings.text("loss_type") == "bnpo" || isEntropyLocal {
            assignments.append(.init("grpo.per_device_train_batch_size", .integer(Int64(perDevice))))
        }
        let processes = try settings.positive("num_processes")
        let assumed =
            settings.states("num_processes") ? "" : ", which the launcher says; put num_processes in the file"
        return ImportRule.Outcome(
            assignments: assignments,
            remark: "\(batches.step) completions per optimiser step, with \(processes) "
                + (processes == 1 ? "process" : "processes") + assumed)
    }

    /// Optimiser steps, which TRL counts, as generation batches.
    static func generationBatches(
        _ path: String, _ settings: ForeignSettings
    ) throws(ImportObstacle) -> (steps: Int, remark: String?) {
        let steps = try settings.number(path)
        guard steps >= 1, let whole = Int(exactly: steps) else {
            throw ImportObstacle(
                "\(path) = \(steps) is a share of the run or no whole number; say a number of steps")
        }
        let perBatch = try product(
            try cut(settings).stepsPerGeneration, try settings.positive("num_iterations"))
        guard perBatch > 1 else { return (whole, nil) }
        let batches = whole / perBatch + (whole % perBatch == 0 ? 0 : 1)
        return (batches, "counted in generation batches of \(perBatch) optimiser steps")
    }

    static func length(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        guard try settings.count("max_steps") > 0 else {
            let passes = try settings.number("num_train_epochs")
            throw ImportObstacle(
                "run.max_steps counts generation batches: passes over the data, \(passes) here, times prompts "
                    + "times num_generations / generation_batch_size")
        }
        let (steps, remark) = try generationBatches("max_steps", settings)
        return ImportRule.Outcome(
            assignments: [.init("run.max_steps", .integer(Int64(steps)))], remark: remark)
    }

    /// `save_steps` and `save_strategy`, `eval_steps` and `eval_strategy`.
    static func interval(
        _ what: String, of settings: ForeignSettings, to target: String
    ) throws(ImportObstacle) -> ImportRule.Outcome {
        let strategy = try settings.text("\(what)_strategy")
        switch strategy {
        // YAML 1.1 reads no as false.
        case "no", "false": return ImportRule.Outcome(assignments: [.init(target, .integer(0))])
        case "steps":
            let isStated = try settings.optionalNumber("\(what)_steps") != nil
            let (steps, remark) = try generationBatches(
                isStated ? "\(what)_steps" : "logging_steps", settings)
            return ImportRule.Outcome(assignments: [.init(target, .integer(Int64(steps)))], remark: remark)
        default: throw ImportObstacle(ImportRule.noCounterpart("\(what)_strategy", strategy))
        }
    }

    static func warmup(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let target = "grpo.warmup_steps"
        if try settings.text("lr_scheduler_type") == "constant" {
            return ImportRule.Outcome(
                assignments: [.init(target, .integer(0))], remark: "a constant rate has no warm-up")
        }
        let steps = try settings.optionalNumber("warmup_steps") ?? 0
        // A number of steps comes before a share of them, which either key may be.
        let share = steps == 0 ? try settings.optionalNumber("warmup_ratio") ?? 0 : steps < 1 ? steps : 0
        guard share > 0 else {
            guard let whole = Int64(exactly: steps) else {
                throw ImportObstacle("warmup_steps is no whole number")
            }
            return ImportRule.Outcome(assignments: [.init(target, .integer(whole))])
        }
        let total = try settings.count("max_steps")
        guard share < 1, total > 0 else {
            throw ImportObstacle("a share of the run's steps needs max_steps; say a number of steps")
        }
        return ImportRule.Outcome(
            assignments: [.init(target, .integer(Int64((share * Double(total)).rounded(.up))))],
            remark: "\(share) of \(total) optimiser steps")
    }

    static func dataType(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let path = settings.states("torch_dtype") ? "torch_dtype" : "dtype"
        let stated = try settings.optionalText(path)
        let isHalf = try settings.flag("fp16")
        guard !isHalf, stated != "float16" else {
            throw ImportObstacle("float16 is no type to compute in here")
        }
        let isBrain = try settings.optionalFlag("bf16") ?? true
        let type = isBrain || stated == "bfloat16" ? "bfloat16" : "float32"
        return ImportRule.Outcome(
            assignments: [.init("model.dtype", .text(type))],
            remark: "TRL computes in bfloat16 unless bf16 is false; weights stay in float32 here")
    }

    static func dataPath(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        guard let name = try settings.optionalText("dataset_name") else { return ImportRule.Outcome() }
        guard name.hasSuffix(".jsonl") else {
            throw ImportObstacle(
                "data.path is a JSON Lines file with a column \"prompt\"; save the dataset as one")
        }
        return ImportRule.Outcome(assignments: [.init("data.path", .text(name))])
    }
}
