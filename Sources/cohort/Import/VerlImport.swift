/// verl's nested YAML, as Hydra composes it. Defaults are those of verl 0.8's `ppo_trainer`.
extension ForeignSystem {
    package static let verl = ForeignSystem(
        name: "verl", title: "verl", profile: "verl-0.8",
        rules: VerlRules.run + VerlRules.batching + VerlRules.optimiser + VerlRules.advantage
            + VerlRules.objective + VerlRules.sampling,
        notes: VerlNotes.all)
}

enum VerlRules {
    static let actor = "actor_rollout_ref.actor"
    static let rollout = "actor_rollout_ref.rollout"

    static let run: [ImportRule] = [
        .text("actor_rollout_ref.model.path", nil, to: "model.path"),
        .word(
            "\(rollout).dtype", "bfloat16", to: "model.dtype",
            ["bfloat16": "bfloat16", "bf16": "bfloat16", "float32": "float32", "fp32": "float32"]),
        ImportRule(["data.train_files": nil], to: "data.path") { settings throws(ImportObstacle) in
            try file("data.train_files", of: settings, to: "data.path")
        },
        ImportRule(["data.val_files": nil], to: "data.eval_path") { settings throws(ImportObstacle) in
            try file("data.val_files", of: settings, to: "data.eval_path")
        },
        .flag("data.shuffle", true, to: "data.shuffle_dataset"),
        .count("data.seed", nil, to: "run.seed"),
        .text("trainer.default_local_dir", nil, to: "run.output_dir"),
        ImportRule(
            ["trainer.total_training_steps": nil, "trainer.total_epochs": 30], to: "run.max_steps",
            convert: length),
        ImportRule(["trainer.save_freq": -1], to: "run.save_steps") { settings throws(ImportObstacle) in
            try interval("trainer.save_freq", of: settings, to: "run.save_steps")
        },
        ImportRule(["trainer.test_freq": -1], to: "run.eval_steps") { settings throws(ImportObstacle) in
            try interval("trainer.test_freq", of: settings, to: "run.eval_steps")
        },
        .count("trainer.max_actor_ckpt_to_keep", nil, to: "run.save_total_limit", absent: 0),
    ]

    static let batching: [ImportRule] = [
        .count("\(rollout).n", 1, to: "grpo.num_generations"),
        ImportRule(
            ["data.train_batch_size": 1024, "\(actor).ppo_mini_batch_size": 256],
            to: "grpo.generation_batch_size", "grpo.steps_per_generation", convert: batches),
        .count("\(actor).ppo_epochs", 1, to: "grpo.num_iterations"),
    ]

    static let optimiser: [ImportRule] = [
        .number("\(actor).optim.lr", 1e-6, to: "grpo.learning_rate"),
        ImportRule(
            [
                "\(actor).optim.lr_scheduler_type": "constant", "\(actor).optim.warmup_style": nil,
                "\(actor).optim.lr_warmup_steps": -1, "\(actor).optim.lr_warmup_steps_ratio": 0,
            ],
            to: "grpo.lr_scheduler_type", "grpo.warmup_steps", convert: schedule),
        .number("\(actor).optim.weight_decay", 0.01, to: "grpo.weight_decay"),
        ImportRule(
            ["\(actor).optim.betas": [0.9, 0.999]], to: "grpo.adam_beta1", "grpo.adam_beta2", convert: betas),
        ImportRule(
            ["\(actor).grad_clip": 1, "\(actor).optim.clip_grad": nil], to: "grpo.max_grad_norm"
        ) { settings throws(ImportObstacle) in
            var bound = try settings.optionalNumber("\(actor).optim.clip_grad")
            if bound == nil { bound = try settings.optionalNumber("\(actor).grad_clip") }
            return ImportRule.Outcome(assignments: [.init("grpo.max_grad_norm", .number(bound ?? 0))])
        },
        .flag(
            "actor_rollout_ref.model.enable_gradient_checkpointing", true, to: "grpo.gradient_checkpointing"),
    ]

    static let advantage: [ImportRule] = [
        ImportRule(
            ["algorithm.adv_estimator": "gae", "algorithm.norm_adv_by_std_in_grpo": true],
            to: "grpo.advantage_baseline", "grpo.scale_rewards", "grpo.advantage_epsilon_place",
            convert: estimator),
        ImportRule(
            ["algorithm.filter_groups.enable": false], to: "grpo.dynamic_sampling", "grpo.constant_groups"
        ) { settings throws(ImportObstacle) in
            let isOn = try settings.flag("algorithm.filter_groups.enable")
            return ImportRule.Outcome(assignments: [
                .init("grpo.dynamic_sampling", .boolean(isOn)),
                .init("grpo.constant_groups", .text(isOn ? "drop" : "count")),
            ])
        },
        ImportRule(
            [
                "\(overlong).enable": false, "\(overlong).len": 0, "\(overlong).penalty_factor": 1,
            ],
            to: "grpo.overlong_buffer", "grpo.overlong_penalty", "grpo.overlong_bounded"
        ) { settings throws(ImportObstacle) in
            guard try settings.flag("\(overlong).enable") else { return ImportRule.Outcome() }
            return ImportRule.Outcome(assignments: [
                .init("grpo.overlong_buffer", .number(try settings.number("\(overlong).len"))),
                .init("grpo.overlong_penalty", .number(try settings.number("\(overlong).penalty_factor"))),
                .init("grpo.overlong_bounded", .boolean(false)),
            ])
        },
    ]

    static let overlong = "reward_model.reward_kwargs.overlong_buffer_cfg"

    static let objective: [ImportRule] = [
        ImportRule(
            [
                "\(actor).clip_ratio_low": 0.2, "\(actor).clip_ratio_high": 0.2, "\(actor).clip_ratio": 0.2,
            ],
            to: "grpo.epsilon", "grpo.epsilon_high", convert: clip),
        ImportRule(
            [
                "\(actor).policy_loss.loss_mode": "vanilla", "\(actor).loss_agg_mode": "token-mean",
                "\(actor).clip_ratio_c": 3, "\(actor).tau_pos": 1, "\(actor).tau_neg": 1.05,
            ],
            to: "grpo.dual_clip", "grpo.surrogate", "grpo.importance_sampling_level", "grpo.loss_type",
            "grpo.sapo_temperature_pos", "grpo.sapo_temperature_neg", convert: loss),
        .number("\(actor).entropy_coeff", 0, to: "grpo.entropy_coef"),
        ImportRule(
            [
                "\(actor).use_kl_loss": false, "\(actor).kl_loss_coef": 0.001,
                "\(actor).kl_loss_type": "low_var_kl", "algorithm.use_kl_in_reward": false,
                "algorithm.kl_penalty": "kl", "algorithm.kl_ctrl.kl_coef": 0.001,
                "algorithm.kl_ctrl.type": "fixed",
            ],
            to: "grpo.beta", "grpo.kl_estimator", "grpo.kl_placement", "grpo.kl_input_clamp",
            "grpo.kl_output_clamp", convert: divergence),
        ImportRule(
            [
                "\(correction).rollout_is": nil, "\(correction).rollout_is_threshold": 2,
                "\(correction).bypass_mode": false,
            ],
            to: "grpo.importance_sampling_correction", "grpo.importance_sampling_clip_max", "grpo.proximal",
            convert: mismatch),
    ]

    static let correction = "algorithm.rollout_correction"

    static let sampling: [ImportRule] = [
        .number("\(rollout).temperature", 1, to: "grpo.temperature"),
        ImportRule(["\(rollout).top_k": -1], to: "grpo.top_k") { settings throws(ImportObstacle) in
            let count = max(0, try settings.count("\(rollout).top_k"))
            return ImportRule.Outcome(assignments: [.init("grpo.top_k", .integer(Int64(count)))])
        },
        .number("\(rollout).top_p", 1, to: "grpo.top_p"),
        .count("data.max_response_length", 512, to: "grpo.max_completion_length"),
    ]
}
