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
            "orchestrator.train.sampling.*", because: "sampling has temperature, top_k and top_p only")
        + ImportNote.notCarried(
            "orchestrator.eval.sampling*", "orchestrator.eval.group_size",
            because: "evaluations sample greedily and as training does")
        + ImportNote.notCarried("resume*", "*.resume*", because: "resuming is said on the command line")
        + ImportNote.notApplicable(
            "ckpt*", "*.ckpt*",
            because: "checkpoints are written at the end in any case and hold all that resuming needs")

    private static let data =
        ImportNote.notCarried(
            "orchestrator.train.source*", "orchestrator.eval.source*",
            because:
                "environments are not run here; data.path and reward.name say what is asked and who judges")
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
            "deployment*", "slurm*", "*env_vars*", "orchestrator.concurrency*",
            "orchestrator.tasks_per_minute",
            "orchestrator.env_server_base_port", "orchestrator.num_train_workers", "clean", "dry_run",
            "run.*",
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
            "trainer", "orchestrator", "orchestrator.train",
            because: "metrics and logs go to the run directory")
}
