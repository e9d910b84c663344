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
                throw ImportObstacle("without max_steps prime-rl runs until it is stopped; choose run.max_steps")
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

extension PrimeRLRules {
    /// The first of some keys that has a value: shared keys fill in those of the parts.
    private static func first<Value>(
        _ paths: [String], _ read: (String) throws(ImportObstacle) -> Value?
    ) throws(ImportObstacle) -> Value? {
        for path in paths {
            if let value = try read(path) { return value }
        }
        return nil
    }

    private static func length(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let target = "grpo.max_completion_length"
        if let tokens = try settings.optionalCount("orchestrator.train.sampling.max_completion_tokens") {
            return ImportRule.Outcome(assignments: [.init(target, .integer(Int64(tokens)))])
        }
        let tokens = try first(["orchestrator.seq_len", "seq_len"], settings.optionalCount) ?? 2048
        return ImportRule.Outcome(
            assignments: [.init(target, .integer(Int64(tokens)))],
            remark: "prime-rl bounds prompt and completion together")
    }

    private static func schedule(_ settings: ForeignSettings) throws(ImportObstacle) -> ImportRule.Outcome {
        let type = try settings.text("trainer.scheduler.type")
        let isConstant = type == "constant"
        guard isConstant || type == "cosine" else {
            throw ImportObstacle(
                "prime-rl's \(type) schedule falls over its last decay_steps only; choose grpo.lr_scheduler_type")
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

/// What of prime-rl's keys has no counterpart, and why.
enum PrimeRLNotes {
    static let all = training + data + hardware + reporting

    private static let training =
        ImportNote.notCarried("trainer.optim.type", unless: ["adamw"], because: "the optimiser is AdamW")
        + ImportNote.notApplicable(
            "trainer.optim.*", because: "it belongs to optimisers that are not here")
        + ImportNote.notCarried(
            "trainer.loss.type", "trainer.loss.adv_tau", unless: ["default", 1, 1.0],
            because: "the profile has prime-rl's default loss")
        + ImportNote.notCarried("trainer.loss.*", because: "it belongs to losses that are not here")
        + ImportNote.notCarried(
            "orchestrator.algo.*", because: "there is no such choice")
        + ImportNote.notCarried(
            "trainer.model.lora*", "orchestrator.model.lora*", because: "all weights are trained")
        + ImportNote.notCarried(
            "*.keep_interval", because: "run.save_total_limit counts the latest checkpoints only")
        + ImportNote.notCarried(
            "orchestrator.train.sampling.*", because: "sampling has temperature, top_k and top_p only")
        + ImportNote.notCarried(
            "orchestrator.eval.sampling*", "orchestrator.eval.group_size",
            because: "evaluations sample greedily and as training does")
        + ImportNote.notCarried("resume*", "*.resume*", because: "resuming is said on the command line")
        + ImportNote.notApplicable(
            "ckpt*", "*.ckpt*", because: "checkpoints are written at the end in any case and hold all that resuming needs")

    private static let data =
        ImportNote.notCarried(
            "orchestrator.train.source*", "orchestrator.eval.source*",
            because: "environments are not run here; data.path and reward.name say what is asked and who judges")
        + ImportNote.notCarried("*tokenizer*", because: "the tokenizer is the model directory's")
        + ImportNote.notApplicable(
            "orchestrator.renderer*", because: "prompts are rendered by the model's chat template")
        + ImportNote.notApplicable(
            "orchestrator.eval.skip_first_step", "orchestrator.eval.retrigger_on_resume", "orchestrator.eval",
            because: "runs evaluate at both ends")

    private static let hardware =
        ImportNote.notApplicable(
            "inference*", "orchestrator.model.client*", because: "rollout workers sample here")
        + ImportNote.notApplicable(
            "deployment*", "slurm*", "*env_vars*", "orchestrator.concurrency*", "orchestrator.tasks_per_minute",
            "orchestrator.env_server_base_port", "orchestrator.num_train_workers", "clean", "dry_run", "run.*",
            because: "processes are those of [cluster] and of the command line")
        + ImportNote.notApplicable(
            "*weight_broadcast*", "*rollout_transport*", because: "processes talk over ZeroMQ, see [cluster]")
        + ImportNote.notApplicable(
            "trainer.model.*", "trainer.matmul_precision", "trainer.gc*", "trainer.dist_timeout_seconds",
            "trainer.enable_router_replay", "orchestrator.pad_to_multiple_of", "trainer.data*", "model.vlm*",
            "*.trust_remote_code", because: "it tunes PyTorch on GPUs")

    private static let reporting =
        ImportNote.notApplicable(
            "log*", "*.log.*", "monitors*", "*.monitors*", "*.heartbeat*", "*.metrics_server*",
            "*.memory_profiler_path", "*.trace_path", "*.enable_token_export", "orchestrator.collect_*",
            "orchestrator.inference_metrics_roles*", "trainer.output_dir", "orchestrator.output_dir",
            "trainer", "orchestrator", "orchestrator.train", because: "metrics and logs go to the run directory")
}
