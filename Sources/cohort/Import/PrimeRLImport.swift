/// prime-rl's TOML for `rl`: shared keys at the top, then `[trainer]`, `[orchestrator]`, `[inference]`.
/// Defaults are those of commit 559b4477.
extension ForeignSystem {
    package static let primeRL = ForeignSystem(
        name: "prime-rl", title: "prime-rl", profile: "prime-rl",
        rules: PrimeRLRules.run + PrimeRLRules.batching + PrimeRLRules.optimiser + PrimeRLRules.objective,
        notes: PrimeRLNotes.all)
}

enum PrimeRLRules {
    static let run: [ImportRule] = [
        ImportRule(
            ["model.name": nil, "trainer.model.name": nil, "orchestrator.model.name": nil], to: "model.path"
        ) { settings throws(ImportObstacle) in
            let names = ["model.name", "trainer.model.name", "orchestrator.model.name"]
            guard let name = try first(names, settings.optionalText) else { return ImportRule.Outcome() }
            return ImportRule.Outcome(assignments: [.init("model.path", .text(name))])
        },
        .text("output_dir", nil, to: "run.output_dir"),
        ImportRule(
            ["max_steps": nil, "trainer.max_steps": nil, "orchestrator.max_steps": nil], to: "run.max_steps"
        ) { settings throws(ImportObstacle) in
            let paths = ["max_steps", "trainer.max_steps", "orchestrator.max_steps"]
            guard let steps = try first(paths, settings.optionalCount) else {
                throw ImportObstacle(
                    "without max_steps prime-rl runs until it is stopped; choose run.max_steps")
            }
            return ImportRule.Outcome(assignments: [.init("run.max_steps", .integer(Int64(steps)))])
        },
        ImportRule(
            ["ckpt.interval": nil, "trainer.ckpt.interval": nil, "orchestrator.ckpt.interval": nil],
            to: "run.save_steps"
        ) { settings throws(ImportObstacle) in
            let paths = ["ckpt.interval", "trainer.ckpt.interval", "orchestrator.ckpt.interval"]
            let steps = try first(paths, settings.optionalCount) ?? 0
            return ImportRule.Outcome(assignments: [.init("run.save_steps", .integer(Int64(steps)))])
        },
        ImportRule(
            ["ckpt.keep_last": nil, "trainer.ckpt.keep_last": nil, "orchestrator.ckpt.keep_last": nil],
            to: "run.save_total_limit"
        ) { settings throws(ImportObstacle) in
            let paths = ["ckpt.keep_last", "trainer.ckpt.keep_last", "orchestrator.ckpt.keep_last"]
            let count = try first(paths, settings.optionalCount) ?? 0
            return ImportRule.Outcome(assignments: [.init("run.save_total_limit", .integer(Int64(count)))])
        },
        ImportRule(
            [
                "ckpt.keep_interval": nil, "trainer.ckpt.keep_interval": nil,
                "orchestrator.ckpt.keep_interval": nil,
            ], to: "run.keep_every_steps"
        ) { settings throws(ImportObstacle) in
            let paths = [
                "ckpt.keep_interval", "trainer.ckpt.keep_interval", "orchestrator.ckpt.keep_interval",
            ]
            guard let steps = try first(paths, settings.optionalCount) else { return ImportRule.Outcome() }
            return ImportRule.Outcome(assignments: [.init("run.keep_every_steps", .integer(Int64(steps)))])
        },
        .count("orchestrator.eval.interval", nil, to: "run.eval_steps"),
        ImportRule(["orchestrator.eval.num_examples": nil], to: "data.eval_prompts") {
            settings throws(ImportObstacle) in
            guard let count = try settings.optionalCount("orchestrator.eval.num_examples") else {
                return ImportRule.Outcome()
            }
            guard count >= 0 else { throw ImportObstacle("data.eval_prompts is a number; all is not one") }
            return ImportRule.Outcome(assignments: [.init("data.eval_prompts", .integer(Int64(count)))])
        },
    ]

    static let batching: [ImportRule] = [
        .count("orchestrator.group_size", 1, to: "grpo.num_generations"),
        ImportRule(
            ["orchestrator.batch_size": nil, "orchestrator.token_batch_size": nil],
            to: "grpo.generation_batch_size", "grpo.steps_per_generation"
        ) { settings throws(ImportObstacle) in
            guard try settings.optionalCount("orchestrator.token_batch_size") == nil else {
                throw ImportObstacle("batches are counted in completions: grpo.generation_batch_size")
            }
            let size = try settings.optionalCount("orchestrator.batch_size") ?? 128
            return ImportRule.Outcome(
                assignments: [
                    .init("grpo.generation_batch_size", .integer(Int64(size))),
                    .init("grpo.steps_per_generation", .integer(1)),
                ],
                remark: "one optimiser step per batch of \(size) completions")
        },
        ImportRule(
            ["orchestrator.max_off_policy_steps": 8], to: "cluster.max_staleness", "cluster.schedule"
        ) { settings throws(ImportObstacle) in
            let bound = try settings.count("orchestrator.max_off_policy_steps")
            return ImportRule.Outcome(
                assignments: [
                    .init("cluster.max_staleness", .integer(Int64(bound))),
                    .init("cluster.schedule", .text(bound == 0 ? "lockstep" : "bounded")),
                ],
                remark: bound == 0 ? nil : "workers do not wait for the learner")
        },
        ImportRule(
            [
                "orchestrator.train.sampling.max_completion_tokens": nil, "orchestrator.seq_len": nil,
                "seq_len": nil,
            ],
            to: "grpo.max_completion_length", convert: length),
        .number("orchestrator.train.sampling.temperature", 1, to: "grpo.temperature"),
    ]

    static let optimiser: [ImportRule] = [
        .number("trainer.optim.lr", 1e-6, to: "grpo.learning_rate"),
        .number("trainer.optim.weight_decay", 0.01, to: "grpo.weight_decay"),
        .number("trainer.optim.max_norm", 1, to: "grpo.max_grad_norm", absent: .number(0)),
        .number("trainer.optim.betas1", 0.9, to: "grpo.adam_beta1"),
        .number("trainer.optim.betas2", 0.999, to: "grpo.adam_beta2"),
        ImportRule(
            [
                "trainer.scheduler.type": "constant", "trainer.scheduler.warmup_steps": 10,
                "trainer.scheduler.decay_steps": 10, "trainer.scheduler.min_lr": 0,
            ],
            to: "grpo.lr_scheduler_type", "grpo.warmup_steps", convert: schedule),
    ]

    static let objective: [ImportRule] = [
        ImportRule(["orchestrator.algo.type": "grpo"], to: "grpo.scale_rewards") {
            settings throws(ImportObstacle) in
            let type = try settings.text("orchestrator.algo.type")
            guard let scale = ["grpo": "none", "max_rl": "mean"][type] else {
                throw ImportObstacle(ImportRule.noCounterpart("orchestrator.algo.type", type))
            }
            return ImportRule.Outcome(assignments: [.init("grpo.scale_rewards", .text(scale))])
        },
        .number("trainer.loss.dppo_mask_low", 0.2, to: "grpo.epsilon"),
        .number("trainer.loss.dppo_mask_high", 0.2, to: "grpo.epsilon_high"),
        .number("trainer.loss.kl_tau", 1e-3, to: "grpo.kl_tau"),
        ImportRule(["orchestrator.train.filter_zero_advantages": true], to: "grpo.constant_groups") {
            settings throws(ImportObstacle) in
            let isOn = try settings.flag("orchestrator.train.filter_zero_advantages")
            return ImportRule.Outcome(assignments: [
                .init("grpo.constant_groups", .text(isOn ? "drop" : "count"))
            ])
        },
    ]
}
