package import Ports

/// Everything a training run is told, one struct per TOML table.
///
/// The initial values here *are* the defaults: the settings table, the documentation and
/// `--dry-run` read them from `RunConfiguration()`. Ranges, notes and help sentences stand in
/// `Setting.all`.
package struct RunConfiguration: Hashable, Sendable {
    package var run = RunSettings()
    package var model = ModelSettings()
    package var data = DataSettings()
    package var reward = RewardSettings()
    package var sft = SFTSettings()
    package var grpo = GRPOSettings()
    package var cluster = ClusterSettings()

    package init() {}
}

/// `[run]`: how long, where to, how much is reported.
package struct RunSettings: Hashable, Sendable {
    package var seed: UInt64 = 42
    /// Empty: a new directory under `runs/`.
    package var outputDirectory = ""
    /// Generation batches, which is the number of snapshots published after the initial one.
    package var maxSteps = 400
    package var loggingSteps = 1
    /// 0: never.
    package var logCompletionsSteps = 40
    package var numCompletionsToPrint = 3
    /// 0: only at the end.
    package var saveSteps = 20
    /// 0: all are kept.
    package var saveTotalLimit = 2
    /// 0: none is kept for its step.
    package var keepEverySteps = 0
    /// MiB; 0: no limit.
    package var ledgerMaxMegabytes = 1024
    package var ledgerKeepSteps = 0
    /// 0: only before and after training.
    package var evalSteps = 0
}

/// `[model]`: a directory to start from, or the shape of the built-in model.
package struct ModelSettings: Hashable, Sendable {
    /// Empty: the built-in model with random weights.
    package var path = ""
    package var dtype = TensorType.float32
    package var maxPositionEmbeddings = 64
    package var hiddenSize = 128
    package var intermediateSize = 384
    package var numHiddenLayers = 4
    package var numAttentionHeads = 4
    package var numKeyValueHeads = 2
    package var initializerRange = 0.02

    package var isBuiltIn: Bool { path.isEmpty }
}

/// `[data]`: prompts.
package struct DataSettings: Hashable, Sendable {
    package var task = "addition"
    package var path = ""
    package var evalPath = ""
    package var evalPrompts = 500
    package var shuffleDataset = true
}

/// `[sft]`: the supervised warm-up that a model with random weights needs before it can be
/// rewarded.
package struct SFTSettings: Hashable, Sendable {
    package enum Enabled: String, SettingWord {
        case auto
        case yes = "true"
        case no = "false"
    }

    package var enabled = Enabled.auto
    package var steps = 3000
    package var learningRate = 2e-3
    package var batchSize = 64
    package var warmupSteps = 100
    /// Accuracy at which the warm-up stops early, within `AccuracyApproach.tolerance`; 1: never early.
    package var targetAccuracy = 0.41
}
