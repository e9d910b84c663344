/// TRL's `trl grpo --config FILE.yaml`: `GRPOConfig`, `ModelConfig` and the script's arguments, flat.
/// Defaults are those of TRL 1.10 and of the `TrainingArguments` below it.
extension ForeignSystem {
    package static let trl = ForeignSystem(
        name: "trl", title: "TRL", profile: "trl-1.10",
        rules: TRLRules.run + TRLRules.batching + TRLRules.optimiser + TRLRules.objective
            + TRLRules.offPolicy + TRLRules.sampling,
        notes: TRLNotes.all)
}

enum TRLRules {
    static let run: [ImportRule] = [
        .count("seed", 42, to: "run.seed"),
        .text("output_dir", nil, to: "run.output_dir"),
        .text("model_name_or_path", nil, to: "model.path"),
        ImportRule(
            ["bf16": nil, "fp16": false, "dtype": "float32", "torch_dtype": nil], to: "model.dtype",
            convert: dataType),
        ImportRule(["dataset_name": nil], to: "data.path", convert: dataPath),
        .flag("shuffle_dataset", true, to: "data.shuffle_dataset"),
        ImportRule(
            ["reward_funcs": nil, "reward_weights": nil], to: "reward.name", "reward.weights",
            "reward.max_completion_len", "reward.soft_punish_cache", convert: rewards),
    ]

    static let batching: [ImportRule] = [
        .count("num_generations", 8, to: "grpo.num_generations"),
        ImportRule(
            [
                "per_device_train_batch_size": 8, "gradient_accumulation_steps": 1, "num_processes": 1,
                "steps_per_generation": nil, "generation_batch_size": nil,
            ],
            to: "grpo.generation_batch_size", "grpo.steps_per_generation",
            "grpo.per_device_train_batch_size", convert: batches),
        .count("num_iterations", 1, to: "grpo.num_iterations"),
        ImportRule(["max_steps": -1, "num_train_epochs": 3], to: "run.max_steps", convert: length),
        ImportRule(["save_steps": 500, "save_strategy": "steps"], to: "run.save_steps") {
            settings throws(ImportObstacle) in
            try interval("save", of: settings, to: "run.save_steps")
        },
        .count("save_total_limit", nil, to: "run.save_total_limit", absent: 0),
        ImportRule(["eval_steps": nil, "eval_strategy": "no"], to: "run.eval_steps") {
            settings throws(ImportObstacle) in
            try interval("eval", of: settings, to: "run.eval_steps")
        },
        ImportRule(["logging_steps": 10], to: "run.logging_steps") { settings throws(ImportObstacle) in
            let (steps, remark) = try generationBatches("logging_steps", settings)
            return ImportRule.Outcome(
                assignments: [.init("run.logging_steps", .integer(Int64(steps)))], remark: remark)
        },
        ImportRule(["log_completions": false], to: "run.log_completions_steps") {
            settings throws(ImportObstacle) in
            let isOn = try settings.flag("log_completions")
            let steps = isOn ? try generationBatches("logging_steps", settings).steps : 0
            return ImportRule.Outcome(
                assignments: [.init("run.log_completions_steps", .integer(Int64(steps)))],
                remark: isOn ? "as often as logging_steps" : nil)
        },
        .count("num_completions_to_print", nil, to: "run.num_completions_to_print"),
    ]

    static let optimiser: [ImportRule] = [
        .number("learning_rate", 1e-6, to: "grpo.learning_rate"),
        .word(
            "lr_scheduler_type", "linear", to: "grpo.lr_scheduler_type",
            [
                "linear": "linear", "cosine": "cosine", "constant": "constant",
                "constant_with_warmup": "constant_with_warmup",
            ]),
        ImportRule(["warmup_steps": 0, "warmup_ratio": nil], to: "grpo.warmup_steps", convert: warmup),
        .number("weight_decay", 0, to: "grpo.weight_decay"),
        .number("adam_beta1", 0.9, to: "grpo.adam_beta1"),
        .number("adam_beta2", 0.999, to: "grpo.adam_beta2"),
        .number("adam_epsilon", 1e-8, to: "grpo.adam_epsilon"),
        .number("max_grad_norm", 1, to: "grpo.max_grad_norm", absent: .number(0)),
        .flag("gradient_checkpointing", true, to: "grpo.gradient_checkpointing"),
    ]

    static let objective: [ImportRule] = [
        ImportRule(["scale_rewards": "group"], to: "grpo.scale_rewards") { settings throws(ImportObstacle) in
            let word = try settings.text("scale_rewards")
            let ours = ["true": "group", "false": "none"][word.lowercased()] ?? word
            return ImportRule.Outcome(assignments: [.init("grpo.scale_rewards", .text(ours))])
        },
        .word(
            "multi_objective_aggregation", "sum_then_normalize", to: "grpo.multi_objective_aggregation"),
        .word(
            "importance_sampling_level", "token", to: "grpo.importance_sampling_level",
            ["token": "token", "sequence": "sequence"]),
        .number("epsilon", 0.2, to: "grpo.epsilon"),
        .number("epsilon_high", nil, to: "grpo.epsilon_high"),
        .number("delta", nil, to: "grpo.delta"),
        .word(
            "loss_type", "dapo", to: "grpo.loss_type",
            [
                "grpo": "grpo", "dapo": "dapo", "dr_grpo": "dr_grpo", "bnpo": "bnpo", "cispo": "cispo",
                "sapo": "sapo", "luspo": "luspo", "vespo": "vespo",
            ]),
        .number("sapo_temperature_pos", 1, to: "grpo.sapo_temperature_pos"),
        .number("sapo_temperature_neg", 1.05, to: "grpo.sapo_temperature_neg"),
        .number("vespo_k_pos", 2, to: "grpo.vespo_k_pos"),
        .number("vespo_lambda_pos", 3, to: "grpo.vespo_lambda_pos"),
        .number("vespo_k_neg", 3, to: "grpo.vespo_k_neg"),
        .number("vespo_lambda_neg", 2, to: "grpo.vespo_lambda_neg"),
        .flag("mask_truncated_completions", false, to: "grpo.mask_truncated_completions"),
        .number("entropy_coef", 0, to: "grpo.entropy_coef"),
        .number("top_entropy_quantile", 1, to: "grpo.top_entropy_quantile"),
        .number("beta", 0, to: "grpo.beta"),
        .flag("use_bias_correction_kl", true, to: "grpo.use_bias_correction_kl"),
        .flag("sync_ref_model", false, to: "grpo.sync_ref_model"),
        .number("ref_model_mixup_alpha", 0.6, to: "grpo.ref_model_mixup_alpha"),
        .count("ref_model_sync_steps", 512, to: "grpo.ref_model_sync_steps"),
    ]

    static let offPolicy: [ImportRule] = [
        ImportRule(
            [
                "vllm_importance_sampling_correction": true,
                "vllm_importance_sampling_mode": "sequence_mask",
            ], to: "grpo.importance_sampling_correction"
        ) { settings throws(ImportObstacle) in
            let isOn = try settings.flag("vllm_importance_sampling_correction")
            let mode = isOn ? try settings.text("vllm_importance_sampling_mode") : "none"
            return ImportRule.Outcome(assignments: [
                .init("grpo.importance_sampling_correction", .text(mode))
            ])
        },
        ImportRule(
            ["vllm_importance_sampling_clip_max": 3, "vllm_importance_sampling_cap": nil],
            to: "grpo.importance_sampling_clip_max"
        ) { settings throws(ImportObstacle) in
            var bound = try settings.optionalNumber("vllm_importance_sampling_cap")
            if bound == nil { bound = try settings.optionalNumber("vllm_importance_sampling_clip_max") }
            return ImportRule.Outcome(assignments: [
                .init("grpo.importance_sampling_clip_max", bound.map { .number($0) } ?? .text("none"))
            ])
        },
        .number("vllm_importance_sampling_clip_min", nil, to: "grpo.importance_sampling_clip_min"),
        .number("off_policy_mask_threshold", nil, to: "grpo.off_policy_mask_threshold"),
    ]

    static let sampling: [ImportRule] = [
        .number("temperature", 1, to: "grpo.temperature"),
        .count("top_k", 0, to: "grpo.top_k", absent: 0),
        .number("top_p", 1, to: "grpo.top_p"),
        .count("max_completion_length", 512, to: "grpo.max_completion_length"),
    ]
}
