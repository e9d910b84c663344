import Testing
import cohort

private func settings(_ text: String) throws -> [String: String] {
    let result = try imported(text, from: .trl)
    return Dictionary(uniqueKeysWithValues: result.assignments.map { ($0.key, $0.value.literal) })
}

private func fate(of path: String, in text: String) throws -> String {
    let result = try imported(text, from: .trl)
    let entry = try #require(result.entries.first { $0.path == path })
    return "\(entry.kind): \(entry.text)"
}

@Test("TRL's batches: passes of all processes, accumulated to steps, several of them per generation batch")
func trlBatches() throws {
    let rows: [(text: String, size: Int, steps: Int)] = [
        ("", 8, 1),
        ("per_device_train_batch_size: 4\ngradient_accumulation_steps: 8\nnum_processes: 2\n", 64, 1),
        ("gradient_accumulation_steps: 2\nsteps_per_generation: 8\n", 64, 4),
        ("gradient_accumulation_steps: 2\ngeneration_batch_size: 128\n", 128, 8),
        // Four generation batches of one policy make one optimiser step.
        ("gradient_accumulation_steps: 4\nsteps_per_generation: 1\n", 32, 1),
    ]
    for row in rows {
        let settings = try settings(row.text + "seed: 1\n")
        #expect(settings["grpo.generation_batch_size"] ?? "8" == "\(row.size)", "\(row.text)")
        #expect(settings["grpo.steps_per_generation"] ?? "4" == "\(row.steps)", "\(row.text)")
    }
}

@Test("Batches that TRL refuses or that have no counterpart are not carried over")
func trlBadBatches() throws {
    let texts = [
        "generation_batch_size: 8\nsteps_per_generation: 1\n", "generation_batch_size: 12\n",
        "gradient_accumulation_steps: 2\ngeneration_batch_size: 24\n", "generation_batch_size: 0\n",
        "generation_batch_size: 1000000000000\n", "generation_batch_size: 1.5\n",
        "generation_batch_size: big\n",
        "generation_batch_size: 8\nnum_iterations: 2\ngradient_accumulation_steps: 2\n",
    ]
    for text in texts {
        #expect(try fate(of: "generation_batch_size", in: text).hasPrefix("notCarried"), "\(text)")
        #expect(try settings(text)["grpo.generation_batch_size"] == nil)
    }
}

@Test("Optimiser steps become generation batches, rounded up")
func trlSteps() throws {
    let text = "gradient_accumulation_steps: 2\nsteps_per_generation: 4\nnum_iterations: 2\n"
    let result = try settings(
        text + "max_steps: 101\nsave_steps: 50\neval_strategy: steps\nlogging_steps: 1\n")
    #expect(result["run.max_steps"] == "26")
    #expect(result["run.save_steps"] == "13")
    #expect(result["run.eval_steps"] == "1")
    #expect(result["run.logging_steps"] == "1")
    #expect(try settings("max_steps: 5\n")["run.max_steps"] == "5")
    #expect(
        try fate(of: "num_train_epochs", in: "num_train_epochs: 3\n").hasPrefix("notCarried: run.max_steps"))
    #expect(
        try fate(of: "num_train_epochs", in: "num_train_epochs: 3\nmax_steps: 7\n").hasPrefix("notApplicable")
    )
    #expect(try fate(of: "save_steps", in: "save_steps: 0.2\n").hasPrefix("notCarried"))
    #expect(try fate(of: "save_strategy", in: "save_strategy: epoch\n").hasPrefix("notCarried"))
}

@Test("TRL's warm-up: steps, a share, and none for a constant rate")
func trlWarmup() throws {
    #expect(try settings("warmup_steps: 20\n")["grpo.warmup_steps"] == "20")
    #expect(try settings("warmup_ratio: 0.03\nmax_steps: 100\n")["grpo.warmup_steps"] == "3")
    #expect(try settings("warmup_steps: 0.1\nmax_steps: 95\n")["grpo.warmup_steps"] == "10")
    #expect(
        try settings("lr_scheduler_type: constant\nwarmup_steps: 5\n")["grpo.warmup_steps"] == "0")
    #expect(try fate(of: "warmup_ratio", in: "warmup_ratio: 0.1\n").hasPrefix("notCarried"))
}

@Test("TRL's words and booleans in our words")
func trlWords() throws {
    #expect(try settings("scale_rewards: true\n")["grpo.scale_rewards"] == "\"group\"")
    #expect(try settings("scale_rewards: \"False\"\n")["grpo.scale_rewards"] == "\"none\"")
    #expect(try settings("scale_rewards: batch\n")["grpo.scale_rewards"] == "\"batch\"")
    #expect(try fate(of: "scale_rewards", in: "scale_rewards: half\n").hasPrefix("notCarried"))
    #expect(
        try settings("vllm_importance_sampling_correction: false\n")["grpo.importance_sampling_correction"]
            == "\"none\"")
    #expect(
        try settings("vllm_importance_sampling_mode: token_mask\n")["grpo.importance_sampling_correction"]
            == "\"token_mask\"")
    #expect(
        try settings("vllm_importance_sampling_clip_max: null\n")["grpo.importance_sampling_clip_max"]
            == "\"none\"")
    #expect(try settings("learning_rate: 5e-7\n")["grpo.learning_rate"] == "5e-07")
    #expect(try settings("max_grad_norm: null\n")["grpo.max_grad_norm"] == "0.0")
    #expect(
        try fate(of: "temperature", in: "temperature: -1\n").hasPrefix("notCarried: grpo.temperature must"))
    #expect(
        try fate(of: "beta", in: "beta: ${kl}\n") == "notCarried: beta is an interpolation; write its value")
}

@Test("Of several reward functions those that exist here come over with their weights")
func trlRewards() throws {
    let text = "reward_funcs: [accuracy_reward, think_format_reward]\nreward_weights: [2, 0.5]\n"
    let result = try settings(text)
    #expect(result["reward.name"] == "\"think_format_reward\"")
    #expect(result["reward.weights"] == "[0.5]")
    #expect(try fate(of: "reward_funcs", in: text).contains("\"accuracy_reward\" is not built in here"))
    #expect(try settings("reward_funcs: accuracy_reward\n")["reward.name"] == nil)
    #expect(try fate(of: "reward_weights", in: "reward_weights: [1]\n").hasPrefix("notCarried"))
}

@Test("An unknown key is listed as such, with the key that was probably meant")
func trlUnknown() throws {
    #expect(
        try fate(of: "lerning_rate", in: "lerning_rate: 1\n")
            == "unknown: no key that is known of TRL; did you mean learning_rate?")
}

@Test("Settings that are right alone but not together are said")
func trlConflicts() throws {
    let text = "per_device_train_batch_size: 6\nnum_generations: 4\nmax_steps: 9\n"
    let result = try imported(text + "model_name_or_path: models/small\n", from: .trl)
    #expect(result.conflicts.count == 1)
    #expect(result.report.contains("does not fit together:\n  generation_batch_size = 6 is not a multiple"))
}
