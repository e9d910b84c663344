extension Setting {
    static let run: [Setting] = [
        Setting(
            "run.seed", \.run.seed, .atLeast(0), .trl(),
            "Seed of every random number of the run: weights, data order, sampling."),
        Setting(
            "run.output_dir", \.run.outputDirectory, .text,
            .trl("TRL's default is \"trainer_output\""), resume: .changeable,
            "Run directory; empty makes a new one under runs/."),
        Setting(
            "run.max_steps", \.run.maxSteps, .integers(1...1_000_000_000),
            .trl("TRL counts optimiser steps; default −1 there"), resume: .changeable,
            "Generation batches to train on, which is the number of versions published."),
        Setting(
            "run.logging_steps", \.run.loggingSteps, .integers(1...1_000_000_000),
            .trl("default 10 there"),
            resume: .changeable, "Steps between two lines on a terminal that cannot rewrite one."),
        Setting(
            "run.log_completions_steps", \.run.logCompletionsSteps, .integers(0...1_000_000_000),
            .ours,
            resume: .changeable, "Steps between two dumps of sampled completions; 0: never."),
        Setting(
            "run.num_completions_to_print", \.run.numCompletionsToPrint, .integers(0...10_000),
            .trl("TRL prints all by default"), resume: .changeable,
            "Completions shown on the terminal at each dump."),
        Setting(
            "run.save_steps", \.run.saveSteps, .integers(0...1_000_000_000),
            .trl("default 500 there"),
            resume: .changeable, "Steps between two checkpoints; 0: only at the end."),
        Setting(
            "run.save_total_limit", \.run.saveTotalLimit, .integers(0...1_000_000_000),
            .trl("TRL keeps all by default"), resume: .changeable,
            "Newest checkpoints kept; 0: all of them."),
        Setting(
            "run.keep_every_steps", \.run.keepEverySteps, .integers(0...1_000_000_000), .ours,
            resume: .changeable,
            "Checkpoints of steps that are multiples of this are never removed; 0: all may be."),
        Setting(
            "run.ledger_max_megabytes", \.run.ledgerMaxMegabytes, .integers(0...1_000_000_000), .ours,
            resume: .changeable,
            "Size that ledger.sqlite is kept near (MiB): tokens of old batches go first; 0: no limit."),
        Setting(
            "run.ledger_keep_steps", \.run.ledgerKeepSteps, .integers(0...1_000_000_000), .ours,
            resume: .changeable,
            "Newest batches whose tokens stay in the ledger whatever its size, for replay and inspection."),
        Setting(
            "run.eval_steps", \.run.evalSteps, .integers(0...1_000_000_000),
            .trl("no default there"),
            resume: .changeable,
            "Steps between two evaluations; 0: only before and after training."),
    ]

    static let model: [Setting] = [
        Setting(
            "model.path", \.model.path, .text, .ours,
            "Hugging Face model directory; empty: the built-in model with random weights."),
        Setting(
            "model.dtype", \.model.dtype, .ours,
            "Type that products compute in and that snapshots have; masters are float32."),
        Setting(
            "model.max_position_embeddings", \.model.maxPositionEmbeddings,
            .integers(2...1_048_576),
            .ours,
            "Longest sequence of the built-in model, in tokens."),
        Setting(
            "model.hidden_size", \.model.hiddenSize, .integers(1...65_536), .ours,
            "Width of the built-in model."),
        Setting(
            "model.intermediate_size", \.model.intermediateSize, .integers(1...262_144), .ours,
            "Width of the built-in model's feed-forward layers."),
        Setting(
            "model.num_hidden_layers", \.model.numHiddenLayers, .integers(1...1024), .ours,
            "Layers of the built-in model."),
        Setting(
            "model.num_attention_heads", \.model.numAttentionHeads, .integers(1...1024), .ours,
            "Attention heads of the built-in model."),
        Setting(
            "model.num_key_value_heads", \.model.numKeyValueHeads, .integers(1...1024), .ours,
            "Key and value heads of the built-in model."),
        Setting(
            "model.initializer_range", \.model.initializerRange, .numbers(.above(0)), .ours,
            "Standard deviation of the built-in model's first weights."),
    ]

    static let data: [Setting] = [
        Setting(
            "data.task", \.data.task, .text, .ours,
            "Built-in task that makes the prompts; used where path is empty."),
        Setting(
            "data.path", \.data.path, .text, .ours,
            "JSON Lines file with a column \"prompt\"; empty: the built-in task."),
        Setting(
            "data.eval_path", \.data.evalPath, .text, .ours,
            "JSON Lines file to evaluate on; empty: rows held out from the training data."),
        Setting(
            "data.eval_prompts", \.data.evalPrompts, .integers(0...1_000_000_000), .ours,
            "Prompts used in each evaluation; 0: no evaluation."),
        Setting(
            "data.shuffle_dataset", \.data.shuffleDataset, .boolean, .trl(),
            "Whether each pass over the data goes in an order of its own."),
    ]
}
