import GRPO
import Ports
import Training
import Transformer

/// Takes the steps of a run once more.
struct StepReplay {
    let policy: TransformerLearner
    /// What the run started from.
    let model: ModelDirectory
    private let steps: RecordedSteps
    private let recipe: TrainingRecipe
    /// The policy holds what this step made; 0: what the run started from.
    private(set) var step: Int
    private var optimizerSteps: Int

    /// A version computed again, and what was recorded of it; `nil`: nothing, the run has not come so far.
    struct Version {
        var step: Int
        var computed: SnapshotDigest
        var recorded: SnapshotDigest?
        var isSame: Bool { recorded == nil || recorded == computed }
    }

    /// The policy as it was at or before the start of `step`. `note` hears of what was passed over.
    init(of steps: RecordedSteps, startingBefore step: Int, note: (String) -> Void) async throws {
        let configuration = steps.configuration
        let found = try steps.checkpoint(before: step, note: note)
        model = try ModelDirectory(StartingPolicy(configuration, directory: steps.directory).path)
        policy = try await configuration.learnerPolicy(model, restoring: found)
        recipe = configuration.recipe
        self.steps = steps
        self.step = found?.progress.step ?? 0
        optimizerSteps = found?.progress.optimizerSteps ?? 0
    }

    /// Where it starts, for people.
    var start: String { step == 0 ? "the run's start" : "checkpoint-\(step)" }

    /// What the policy is now against what was published under its number.
    func version() async throws -> Version {
        let image = try await policy.exportWeights()
        return Version(
            step: step, computed: SnapshotDigest(of: image), recorded: steps.versions[UInt64(step)]?.digest)
    }

    /// Trains on the next step's batch as the learner did.
    mutating func takeStep() async throws {
        let report = try await TrainingStep(recipe: recipe, batch: try steps.groups(step + 1))
            .run(on: policy, optimizerSteps: optimizerSteps)
        step += 1
        optimizerSteps += report.optimizerSteps
    }

    /// Trains up to the start of `step`. Throws `CommandFailure` at the first version that differs.
    mutating func advance(toStartOf target: Int) async throws {
        try require(try await version())
        while step < target - 1 {
            try await takeStep()
            try require(try await version())
        }
    }

    /// Throws one sentence where the version is not what was published.
    func require(_ version: Version) throws {
        guard !version.isSame, let recorded = version.recorded else { return }
        let what = version.step == 0 ? "the weights that the run started from" : "step \(version.step)"
        throw CommandFailure(
            "\(what) led to \(recorded) in the run and to \(version.computed) now (this machine computes "
                + "as \(NumericsFingerprint.current)); the model's files changed since, or another program or kind of "
                + "processor computed the run", .badData)
    }
}
