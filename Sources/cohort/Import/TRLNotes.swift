/// What of TRL's keys has no counterpart, and why.
enum TRLNotes {
    static let all = hardware + reporting + data + model + generation + training

    private static let hardware =
        ImportNote.notApplicable(
            "use_vllm", "vllm_*", "use_transformers_*", "transformers_*", "cache_implementation",
            because: "rollout workers sample here")
        + ImportNote.notApplicable(
            "ds3_gather_for_generation", "deepspeed*", "fsdp*", "ddp_*", "accelerat*", "parallelism_config",
            "num_machines", "machine_rank", "main_process_*", "mixed_precision", "gpu_ids", "local_rank",
            "distributed_type", "average_tokens_across_devices",
            because: "there is one learner and no accelerator")
        + ImportNote.notApplicable(
            "use_cpu", "no_cuda", "tf32", "torch_compile*", "use_liger_kernel", "liger_kernel_config",
            "attn_implementation", "torch_empty_cache_steps", "jit_mode_eval", "bf16_full_eval",
            "fp16_full_eval", "fp16_*", "half_precision_backend", "auto_find_batch_size",
            "pad_to_multiple_of",
            "use_cache", because: "it tunes PyTorch")
        + ImportNote.notApplicable(
            "dataloader_*", "dataset_num_proc", "accelerator_config", "per_device_eval_batch_size",
            "eval_accumulation_steps", "gradient_checkpointing_kwargs*", "activation_checkpointing*",
            "eval_do_concat_batches", "eval_use_gather_object", "batch_eval_metrics",
            because: "work is cut into pieces that fit without being told")

    private static let reporting =
        ImportNote.notApplicable(
            "report_to*", "run_name", "project", "trackio_*", "logging_dir", "logging_strategy",
            "logging_first_step", "logging_nan_inf_filter", "log_level*", "log_on_each_node", "disable_tqdm",
            "include_num_input_tokens_seen", "include_tokens_per_second", "log_unique_prompts",
            "log_multimodal", "log_completions_hub_repo", "skip_memory_metrics", "debug", "wandb_*",
            because: "metrics go to the run directory")
        + ImportNote.notApplicable("push_to_hub*", "hub_*", because: "nothing is uploaded")
        + ImportNote.notApplicable(
            "do_train", "do_eval", "do_predict", "eval_on_start", "overwrite_output_dir", "save_safetensors",
            "save_on_each_node", "enable_jit_checkpoint",
            because: "runs always train, evaluate at both ends, and write safetensors")

    private static let data =
        ImportNote.notCarried(
            "dataset_config", "dataset_config_name", "datasets", "datasets[*", "dataset_streaming",
            "streaming",
            "test_split_size", "dataset_train_split", "dataset_test_split",
            unless: [nil, false, [], "train", "test"],
            because: "data.path and data.eval_path are JSON Lines files")
        + ImportNote.notApplicable(
            "remove_unused_columns", "label_names*", "length_column_name", "group_by_length",
            "train_sampling_strategy", "ignore_data_skip", "ignore_bias_buffers", "include_for_metrics*",
            "prediction_loss_only", because: "every column of the data reaches the reward functions")
        + ImportNote.notCarried("data_seed", unless: [nil], because: "run.seed decides the data's order too")
        + ImportNote.notCarried(
            "max_prompt_length", unless: [nil],
            because: "prompts are never cut; one that does not fit is an error")

    private static let model =
        ImportNote.notCarried(
            "use_peft", "load_in_8bit", "load_in_4bit", "use_rslora", "use_dora", unless: [false],
            because: "all weights are trained, unquantised")
        + ImportNote.notApplicable(
            "lora_*", "bnb_*", "use_bnb_*", because: "it belongs to use_peft or load_in_4bit")
        + ImportNote.notApplicable(
            "trust_remote_code", "router_aux_loss_coef",
            because: "models are Qwen2, Qwen3 or Llama, without code")
        + ImportNote.notCarried(
            "model_revision", unless: ["main", nil],
            because: "model.path is a directory; put the revision there")
        + ImportNote.notCarried(
            "model_init_kwargs*", unless: [nil], because: "the directory's config.json says what the model is"
        )
        + ImportNote.notApplicable("disable_dropout", because: "there is no dropout")
        + ImportNote.notCarried(
            "cast_lm_head_to_fp32", unless: [false], because: "model.dtype holds for all products")
        + ImportNote.notCarried(
            "reward_model_name_or_path", unless: [nil],
            because: "reward models are not run here; ask yours from a reward program (reward.programs)")

    private static let generation =
        ImportNote.notCarried(
            "min_p", unless: [nil, 0, 0.0], because: "sampling is cut by top_k and top_p only")
        + ImportNote.notCarried(
            "repetition_penalty", unless: [1.0, 1, nil],
            because: "it would bias the log-probabilities that training relies on")
        + ImportNote.notCarried(
            "generation_kwargs*", unless: [nil], because: "sampling has temperature, top_k and top_p only")
        + ImportNote.notCarried(
            "chat_template_kwargs*", unless: [nil], because: "chat templates are rendered without arguments")
        + ImportNote.notCarried(
            "max_tool_calling_iterations", "tools*", unless: [nil], because: "completions call no tools")
        + ImportNote.notCarried(
            "num_generations_eval", unless: [nil], because: "evaluations have their own number of completions"
        )

    private static let training =
        ImportNote.notCarried(
            "optim", unless: ["adamw_torch", "adamw_torch_fused", "adamw_hf"],
            because: "the optimiser is AdamW")
        + ImportNote.notCarried(
            "optim_args", "optim_target_modules*", "lr_scheduler_kwargs*", "neftune_noise_alpha",
            unless: [nil], because: "there is no such choice")
        + ImportNote.notCarried("label_smoothing_factor", unless: [0, 0.0], because: "there are no labels")
        + ImportNote.notCarried(
            "use_adaptive_entropy", unless: [false], because: "grpo.entropy_coef is constant")
        + ImportNote.notApplicable(
            "entropy_coef_*", "entropy_target", because: "it belongs to use_adaptive_entropy")
        + ImportNote.notCarried(
            "load_best_model_at_end", "metric_for_best_model", "greater_is_better", "save_only_model",
            "eval_delay", "ignore_data_skip", "full_determinism", "restore_callback_states_from_checkpoint",
            "logging_nan_inf_filter", unless: [false, nil, 0],
            because: "there is no such choice")
        + ImportNote.notCarried(
            "resume_from_checkpoint", unless: [nil, false], because: "resuming is said on the command line")
}
