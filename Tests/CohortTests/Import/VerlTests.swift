import Testing
import cohort

private func settings(_ text: String) throws -> [String: String] {
    let result = try imported(text, from: .verl)
    return Dictionary(uniqueKeysWithValues: result.assignments.map { ($0.key, $0.value.literal) })
}

private func actor(_ text: String) throws -> [String: String] {
    try settings("algorithm: {adv_estimator: grpo}\nactor_rollout_ref: {actor: {\(text)}}\n")
}

@Test("verl's KL terms: off, in the loss, in the reward, never both")
func verlDivergence() throws {
    let off = try actor("use_kl_loss: false")
    #expect(off["grpo.beta"] == "0.0")
    let loss = try actor("use_kl_loss: true, kl_loss_coef: 0.02, kl_loss_type: k2")
    #expect(loss["grpo.beta"] == "0.02")
    #expect(loss["grpo.kl_estimator"] == "\"k2\"")
    #expect(loss["grpo.kl_placement"] == "\"loss\"")
    let reward = try settings("algorithm: {use_kl_in_reward: true, kl_ctrl: {kl_coef: 0.1}}\n")
    #expect(reward["grpo.beta"] == "0.1")
    #expect(reward["grpo.kl_estimator"] == "\"k1\"")
    #expect(reward["grpo.kl_placement"] == "\"reward\"")
    let both = "algorithm: {use_kl_in_reward: true}\nactor_rollout_ref: {actor: {use_kl_loss: true}}\n"
    #expect(try settings(both)["grpo.beta"] == nil)
    #expect(
        try settings("algorithm: {use_kl_in_reward: true, kl_ctrl: {type: adaptive}}\n")["grpo.beta"] == nil)
}

@Test("verl's losses, each with the aggregation and dual clip that it has there")
func verlLosses() throws {
    let vanilla = try actor("clip_ratio_c: 5, loss_agg_mode: seq-mean-token-sum-norm")
    #expect(vanilla["grpo.dual_clip"] == "5.0")
    #expect(vanilla["grpo.loss_type"] == "\"seq_mean_token_sum_norm\"")
    let gspo = try actor("policy_loss: {loss_mode: gspo}, loss_agg_mode: token-mean")
    #expect(gspo["grpo.importance_sampling_level"] == "\"sequence_token\"")
    #expect(gspo["grpo.loss_type"] == "\"seq_mean_token_mean\"")
    #expect(gspo["grpo.dual_clip"] == "\"none\"")
    let cispo = try actor("policy_loss: {loss_mode: cispo}")
    #expect(cispo["grpo.surrogate"] == "\"cispo_delta\"")
    let sapo = try actor("policy_loss: {loss_mode: sapo}, tau_neg: 1.2")
    #expect(sapo["grpo.sapo_temperature_neg"] == "1.2")
    #expect(try actor("policy_loss: {loss_mode: kl_cov}")["grpo.loss_type"] == nil)
}

@Test("verl reads clip_ratio only where a side of its own is null")
func verlClip() throws {
    let ignored = try actor("clip_ratio: 0.3")
    #expect(ignored["grpo.epsilon"] == "0.2")
    let used = try actor("clip_ratio: 0.3, clip_ratio_low: null, clip_ratio_high: 0.28")
    #expect(used["grpo.epsilon"] == "0.3")
    #expect(used["grpo.epsilon_high"] == "0.28")
}

@Test("verl counts prompts, and moves the learning rate once per generation batch")
func verlBatches() throws {
    let text = """
        data: {train_batch_size: 512}
        trainer: {total_training_steps: 200}
        actor_rollout_ref:
          rollout: {n: 16}
          actor:
            ppo_mini_batch_size: 128
            ppo_epochs: 2
            optim: {lr_warmup_steps_ratio: 0.05, lr_scheduler_type: cosine}

        """
    let result = try settings(text)
    #expect(result["grpo.generation_batch_size"] == "8192")
    #expect(result["grpo.steps_per_generation"] == "4")
    #expect(result["grpo.warmup_steps"] == "80")
    #expect(result["grpo.lr_scheduler_type"] == "\"cosine\"")
    #expect(try settings("data: {train_batch_size: 100}\n")["grpo.generation_batch_size"] == nil)
}

@Test("verl's estimators, dynamic sampling, overlong penalty and correction")
func verlSurroundings() throws {
    #expect(try settings("algorithm: {adv_estimator: gae}\n")["grpo.advantage_baseline"] == nil)
    let rloo = try settings("algorithm: {adv_estimator: rloo}\n")
    #expect(rloo["grpo.advantage_baseline"] == "\"leave_one_out\"")
    #expect(rloo["grpo.scale_rewards"] == "\"none\"")
    let dynamic = try settings("algorithm: {filter_groups: {enable: true, metric: acc}}\n")
    #expect(dynamic["grpo.dynamic_sampling"] == "true")
    #expect(dynamic["grpo.constant_groups"] == "\"drop\"")
    let overlong = try settings(
        "reward_model: {reward_kwargs: {overlong_buffer_cfg: {enable: true, len: 64, penalty_factor: 0.5}}}\n"
    )
    #expect(overlong["grpo.overlong_buffer"] == "64.0")
    #expect(overlong["grpo.overlong_penalty"] == "0.5")
    #expect(overlong["grpo.overlong_bounded"] == "false")
    let correction = try settings("algorithm: {rollout_correction: {rollout_is: token}}\n")
    #expect(correction["grpo.importance_sampling_correction"] == "\"token_truncate\"")
    #expect(correction["grpo.importance_sampling_clip_max"] == "2.0")
    #expect(correction["grpo.proximal"] == "\"recomputed\"")
}
