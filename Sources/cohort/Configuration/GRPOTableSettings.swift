internal import GRPO

extension Setting {
    static let grpo: [Setting] = [profile] + batching + optimiser + algorithm + valueHead + sampling

    private static let profile = Setting(
        "grpo.profile", \.grpo.profile, .words(Profile.all.map(\.name)), .ours,
        "Named choice of the words below it; what the configuration says itself wins over it.")

    private static let batching: [Setting] = [
        Setting(
            "grpo.num_generations", \.grpo.numGenerations, .integers(2...65_536),
            .trl("default 8 there"),
            "Completions per prompt (G), judged against each other; one alone has no group."),
        Setting(
            "grpo.generation_batch_size", \.grpo.generationBatchSize, .integers(2...16_777_216),
            .trl("derived from other keys by default there"),
            "Completions per generation batch; a multiple of num_generations."),
        Setting(
            "grpo.num_iterations", \.grpo.numIterations, .integers(1...1024), .trl(),
            "Passes over each generation batch (μ)."),
        Setting(
            "grpo.steps_per_generation", \.grpo.stepsPerGeneration, .integers(1...65_536),
            .trl("derived from other keys by default there"),
            "Optimiser steps per pass over a generation batch, each on its own groups."),
    ]

    private static let optimiser: [Setting] = [
        Setting(
            "grpo.learning_rate", \.grpo.learningRate, .numbers(.atLeast(0)),
            .trl("default 1e-6 there"), "Learning rate of AdamW at its highest."),
        Setting(
            "grpo.lr_scheduler_type", \.grpo.learningRateSchedule, .trl("default linear there"),
            "How the learning rate changes over the run."),
        Setting(
            "grpo.warmup_steps", \.grpo.warmupSteps, .integers(0...1_000_000_000), .trl(),
            "Optimiser steps over which the learning rate rises from 0."),
        Setting(
            "grpo.weight_decay", \.grpo.weightDecay, .numbers(.atLeast(0)), .trl(),
            "Decoupled weight decay of AdamW."),
        Setting(
            "grpo.adam_beta1", \.grpo.adamBeta1, .numbers(.from(0, below: 1)), .trl(),
            "Decay of AdamW's mean of gradients."),
        Setting(
            "grpo.adam_beta2", \.grpo.adamBeta2, .numbers(.from(0, below: 1)),
            .trl("default 0.999 there"),
            "Decay of AdamW's mean of squared gradients."),
        Setting(
            "grpo.adam_epsilon", \.grpo.adamEpsilon, .numbers(.above(0)), .trl(),
            "Added to the denominator of AdamW's step."),
        Setting(
            "grpo.gradient_checkpointing", \.grpo.gradientCheckpointing, .boolean,
            .trl("default true there"), resume: .changeable,
            "Keeps less memory for activations by computing them twice; the same bits."),
        Setting(
            "grpo.max_grad_norm", \.grpo.maxGradNorm, .numbers(.atLeast(0)), .trl(),
            "Gradient norm above which the gradient is scaled down; 0: never."),
    ]

    private static let valueHead: [Setting] = [
        Setting(
            "grpo.vf_learning_rate_multiplier", \.grpo.vfLearningRateMultiplier, .numbers(.above(0)),
            .ours, "Learning rate of the value head, as a multiple of learning_rate."),
        Setting(
            "grpo.vf_trains_backbone", \.grpo.vfTrainsBackbone, .boolean, .ours,
            "Whether the value head's loss trains the policy's layers too."),
    ]

    private static let sampling: [Setting] = [
        Setting(
            "grpo.temperature", \.grpo.temperature, .numbers(.above(0)), .trl(),
            "Sampling temperature; the same one scores the completions."),
        Setting(
            "grpo.top_k", \.grpo.topK, .integers(0...1_000_000_000), .trl(),
            "Tokens of highest probability that sampling is cut down to; 0: all."),
        Setting(
            "grpo.top_p", \.grpo.topP, .numbers(.above(0, atMost: 1)), .trl(),
            "Probability mass that sampling is cut down to; 1: all."),
        Setting(
            "grpo.max_completion_length", \.grpo.maxCompletionLength, .integers(1...1_048_576),
            .trl("default 512 there"), "Tokens after which a completion is cut off."),
    ]
}
