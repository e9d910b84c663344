/// What of verl's keys has no counterpart, and why.
enum VerlNotes {
    static let all = composition + hardware + reporting + data + rewards + training

    private static let composition =
        ImportNote.notApplicable("*_target_", "hydra*", because: "it tells Hydra how to build the tree")
        + ImportNote.notCarried(
            "defaults*", "*.defaults*", unless: ["ppo_trainer", "_self_", ["ppo_trainer", "_self_"]],
            because: "other files that Hydra would merge are not read")

    private static let hardware =
        ImportNote.notApplicable(
            "ray_kwargs*", "ray_init*", "transfer_queue*", "trainer.nnodes", "trainer.n_gpus_per_node",
            "trainer.device", "trainer.ray_*", "trainer.balance_batch", "trainer.use_legacy_worker_impl",
            "trainer.default_hdfs_dir", "actor_rollout_ref.hybrid_engine", "actor_rollout_ref.nccl_timeout",
            "trainer.esi_redundant_time", because: "processes are those of [cluster]; there is no Ray")
        + ImportNote.notApplicable(
            "*micro_batch_size*", "*use_dynamic_bsz", "*max_token_len_per_gpu",
            "*ulysses_sequence_parallel_size",
            "*fsdp_config*", "*megatron*", "*.strategy", "*use_torch_compile",
            "*entropy_from_logits_with_chunking",
            "*entropy_checkpointing", "*use_remove_padding", "*use_fused_kernels", "*fused_kernel_options*",
            "*use_liger", "*enable_activation_offload", "*tiled_mlp*", "*use_shm", "*router_replay*",
            "*calculate_entropy", "*use_prefix_grouper", "*sum_pi_squared*", "*freeze_vision_tower",
            "*.rollout_n",
            because: "work is cut into pieces that fit without being told; there is no GPU")
        + ImportNote.notApplicable(
            "actor_rollout_ref.rollout.*name", "actor_rollout_ref.rollout.mode",
            "actor_rollout_ref.rollout.gpu_*", "actor_rollout_ref.rollout.*parallel_size",
            "actor_rollout_ref.rollout.enforce_eager", "actor_rollout_ref.rollout.free_cache_engine",
            "actor_rollout_ref.rollout.max_*", "actor_rollout_ref.rollout.enable_*",
            "actor_rollout_ref.rollout.load_format", "actor_rollout_ref.rollout.*kwargs.vllm*",
            "actor_rollout_ref.rollout.engine_kwargs*", "actor_rollout_ref.rollout.layered_summon",
            "actor_rollout_ref.rollout.cudagraph*", "actor_rollout_ref.rollout.disable_log_stats",
            "actor_rollout_ref.rollout.scheduling_policy", "actor_rollout_ref.rollout.logprobs_mode",
            "actor_rollout_ref.rollout.skip_*", "actor_rollout_ref.rollout.checkpoint_engine*",
            "actor_rollout_ref.rollout.agent*", "actor_rollout_ref.rollout.calculate_log_probs",
            "actor_rollout_ref.rollout.prompt_length", "actor_rollout_ref.rollout.multi_stage_wake_up",
            "actor_rollout_ref.rollout.over_sample_rate", "actor_rollout_ref.rollout.quantization*",
            "actor_rollout_ref.rollout.update_weights_bucket_megabytes",
            because: "rollout workers sample here, with their own engine")
        + ImportNote.notApplicable("critic.*", because: "GRPO has no critic")
        + ImportNote.notApplicable("*.mtp*", because: "models predict one token")

    private static let reporting =
        ImportNote.notApplicable(
            "*profiler*", "*.trace*", "*prometheus*", "trainer.profile*", because: "it observes GPUs and Ray")
        + ImportNote.notApplicable(
            "trainer.logger*", "trainer.project_name", "trainer.experiment_name",
            "trainer.log_val_generations",
            "trainer.rollout_data_dir", "trainer.validation_data_dir",
            because: "metrics and completions go to the run directory")
        + ImportNote.notApplicable(
            "*.checkpoint.*", "trainer.del_local_ckpt_after_load", "trainer.max_critic_ckpt_to_keep",
            because: "checkpoints hold all that resuming needs")
        + ImportNote.notApplicable("trainer.val_before_train", because: "runs evaluate at both ends")
        + ImportNote.notCarried(
            "trainer.resume_mode", "trainer.resume_from_path", unless: ["auto", "disable", nil],
            because: "resuming is said on the command line")
        + ImportNote.notCarried(
            "trainer.val_only", unless: [false], because: "evaluation alone is cohort eval")

    private static let data =
        ImportNote.notCarried("data.prompt_key", unless: ["prompt"], because: "the column is called prompt")
        + ImportNote.notCarried(
            "data.max_prompt_length", "data.filter_overlong_prompts", "data.truncation",
            unless: [false, "error"], because: "prompts are never cut; one that does not fit is an error")
        + ImportNote.notCarried(
            "data.train_max_samples", "data.val_max_samples", unless: [-1, nil],
            because: "the file holds what is used")
        + ImportNote.notCarried(
            "data.apply_chat_template_kwargs*", "actor_rollout_ref.model.custom_chat_template",
            unless: [nil, .table([])], because: "chat templates are the model directory's, without arguments")
        + ImportNote.notCarried(
            "data.sampler*", "data.custom_cls*", "data.datagen*", unless: [nil],
            because: "data is read from JSON Lines files")
        + ImportNote.notApplicable(
            "data.*", because: "every row's columns reach the reward functions; loading needs no such choice")

    private static let rewards =
        ImportNote.notCarried(
            "custom_reward_function*", "reward.custom_reward_function*", unless: [nil, "compute_score"],
            because: "Python functions are asked through a reward program (reward.programs)")
        + ImportNote.notApplicable(
            "\(VerlRules.overlong).log", "reward_model.reward_kwargs.max_resp_len",
            because: "the penalty's limit is grpo.max_completion_length")
        + ImportNote.notCarried(
            "reward_model.enable", unless: [false],
            because: "reward models are not run here; ask yours from a reward program (reward.programs)")
        + ImportNote.notCarried(
            "reward_model.reward_manager", "reward_manager.name",
            unless: ["naive", "dapo", "${oc.select:reward_model.reward_manager,naive}"],
            because: "reward.name says who judges")
        + ImportNote.notApplicable(
            "reward_model*", "reward_manager*", "reward.*",
            because: "it belongs to reward models and their managers")

    private static let training =
        ImportNote.notCarried("*lora_rank", unless: [0], because: "all weights are trained")
        + ImportNote.notApplicable(
            "*lora_*", "*.target_modules", "*.exclude_modules", because: "it belongs to lora_rank")
        + ImportNote.notCarried(
            "*.optim.optimizer", unless: ["AdamW"], because: "the optimiser is AdamW")
        + ImportNote.notCarried(
            "*.optim.override_optimizer_config*", "*.optim.min_lr_ratio", "*.optim.num_cycles",
            unless: [nil, 0, 0.0, 0.5], because: "there is no such choice")
        + ImportNote.notApplicable(
            "*.optim.optimizer_impl", "*.optim.total_training_steps", because: "run.max_steps holds for all")
        + ImportNote.notApplicable(
            "actor_rollout_ref.model.*",
            because: "the model directory says it; models are Qwen2, Qwen3 or Llama")
        + ImportNote.notCarried(
            "actor_rollout_ref.actor.loss_scale_factor", unless: [nil],
            because: "seq_mean_token_sum_norm divides by grpo.max_completion_length")
        + ImportNote.notApplicable(
            "actor_rollout_ref.actor.policy_loss.*", because: "it belongs to loss modes that are not here")
        + ImportNote.notCarried(
            "actor_rollout_ref.actor.shuffle", unless: [false], because: "groups keep their order in a batch")
        + ImportNote.notApplicable(
            "actor_rollout_ref.actor.data_loader_seed", because: "groups keep their order in a batch")
        + ImportNote.notCarried(
            "actor_rollout_ref.rollout.do_sample", unless: [true], because: "training samples")
        + ImportNote.notCarried(
            "actor_rollout_ref.rollout.ignore_eos", "actor_rollout_ref.rollout.multi_turn.enable",
            unless: [false], because: "a completion is one answer that ends where the model ends it")
        + ImportNote.notApplicable(
            "actor_rollout_ref.rollout.multi_turn*", because: "it belongs to multi_turn.enable")
        + ImportNote.notCarried(
            "actor_rollout_ref.rollout.val_kwargs*", unless: [-1, 0, 0.0, 1, 1.0, false],
            because: "evaluations sample greedily and as training does")
        + ImportNote.notCarried(
            "actor_rollout_ref.rollout.response_length",
            unless: [nil, "${oc.select:data.max_response_length,512}", "${data.max_response_length}"],
            because: "the limit is data.max_response_length")
        + ImportNote.notCarried(
            "algorithm.rollout_correction.rollout_rs*", unless: [nil],
            because: "rejection beside a weight has no counterpart")
        + ImportNote.notCarried(
            "algorithm.rollout_correction.rollout_is_batch_normalize", "algorithm.use_pf_ppo",
            unless: [false],
            because: "there is no such choice")
        + ImportNote.notApplicable("algorithm.pf_ppo*", because: "it belongs to use_pf_ppo")
        + ImportNote.notCarried(
            "algorithm.rollout_correction.loss_type", unless: ["ppo_clip"], because: "there is no such choice"
        )
        + ImportNote.notCarried(
            "algorithm.filter_groups.metric",
            unless: ["acc", "seq_reward", "seq_final_reward", "score", nil],
            because: "groups are judged by their rewards")
        + ImportNote.notCarried(
            "algorithm.filter_groups.max_num_gen_batches", unless: [0],
            because: "there is no such limit")
        + ImportNote.notApplicable(
            "algorithm.gamma", "algorithm.lam", "algorithm.kl_ctrl.*", "trainer.critic_warmup",
            because: "it belongs to estimators or controllers that are not used")
}
