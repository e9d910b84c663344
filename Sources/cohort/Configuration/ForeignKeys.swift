/// Keys that users of other systems may try: what ours is called, or why there is none. They are
/// accepted nowhere; the error message says what to write instead.
enum ForeignKeys {
    /// A sentence about `name`, or `nil` where nothing is known of it.
    static func hint(for name: String) -> String? {
        let written = KeySuggestions.snakeCase(name)
        if let ours = renamed[written] { return "the same setting is \(ours) here" }
        return absent[written]
    }

    private static let renamed = [
        "lr": "grpo.learning_rate",
        "group_size": "grpo.num_generations",
        "rollout_n": "grpo.num_generations",
        "kl_coef": "grpo.beta",
        "kl_loss_coef": "grpo.beta",
        "clip_ratio": "grpo.epsilon",
        "clip_ratio_low": "grpo.epsilon",
        "clip_ratio_high": "grpo.epsilon_high",
        "ppo_epochs": "grpo.num_iterations",
        "num_train_epochs": "run.max_steps, counted in generation batches,",
        "max_response_length": "grpo.max_completion_length",
        "max_completion_tokens": "grpo.max_completion_length",
        "max_off_policy_steps": "cluster.max_staleness",
        "staleness_threshold": "cluster.max_staleness, counted in published versions,",
        "model_name_or_path": "model.path",
        "dataset_name": "data.path, a JSON Lines file,",
        "reward_funcs": "reward.name",
        "reward_weights": "reward.weights",
        "loss_agg_mode": "grpo.loss_type",
        "save_freq": "run.save_steps",
        "test_freq": "run.eval_steps",
    ]

    private static let absent = [
        "gradient_accumulation_steps":
            "micro-batches cut themselves; grpo.steps_per_generation sets the optimiser steps",
        "use_vllm": "sampling happens in rollout workers; see cluster.workers",
        "bf16": "the type of the weights is that of the model directory",
        "report_to": "metrics go to metrics.jsonl in the run directory",
        "min_p": "sampling is cut down by grpo.top_k and grpo.top_p only",
        "repetition_penalty": "it would bias the log-probabilities that training relies on",
        "max_prompt_length": "prompts are never cut; a prompt that does not fit is an error",
    ]
}
