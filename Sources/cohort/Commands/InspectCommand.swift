import ArgumentParser
import GRPO
import Ledger
import Training

/// `cohort inspect`: the batch of one step.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the batch of one step: completions, rewards, advantages, ratios, clip flags, KL.",
        discussion: """
            Steps are counted as in metrics.jsonl: step N makes version N. Advantages, ratios and KL need the \
            weights that the step started from: the steps since the nearest earlier checkpoint are computed \
            again, which takes as long as training on them did. They are those before the step's first \
            optimiser step, also for minibatches that come later; a KL over the whole vocabulary \
            (kl_estimator = full) is not shown. --no-policy shows only what the ledger \
            holds. Nothing in the run's directory is changed.
            """)

    @Argument(help: ArgumentHelp("The run's directory.", valueName: "run"))
    var directory: String

    @Option(help: "Which step.")
    var step: Int

    @Option(help: "Only this group; the first is 0.")
    var group: Int?

    @Option(help: "Only this completion of each group; the first is 0.")
    var completion: Int?

    @Flag(help: "Show every token.")
    var tokens = false

    @Flag(help: "Compute nothing: only what the ledger holds.")
    var noPolicy = false

    @Flag(help: "Print JSON, with every token.")
    var json = false

    func run() async throws {
        let steps = try RecordedSteps(RunDirectory(existing: directory))
        try checkNumbers(steps)
        let inspected = narrowed(try await inspected(steps))
        StandardStream.output.write(json ? try inspected.benchJSON() : inspected.text(tokens: tokens))
    }

    private func inspected(_ steps: RecordedSteps) async throws -> InspectedStep {
        let batch = try steps.groups(step)
        let (model, examination) = try await examined(steps, batch)
        let description = StepDescription(
            step: step, batch: batch, workers: try steps.ledger.workers(at: steps.members(step)),
            rewardNames: steps.configuration.reward.names, tokenizer: model.tokenizer,
            examination: examination)
        return InspectedStep(step: step, groups: description.groups())
    }

    private func examined(
        _ steps: RecordedSteps, _ batch: [Group]
    ) async throws -> (ModelDirectory, BatchExamination?) {
        let note: (String) -> Void = { StandardStream.error.write("cohort: \($0)\n") }
        let configuration = steps.configuration
        guard !noPolicy else {
            let start = StartingPolicy(configuration, directory: steps.directory).path
            return (try ModelDirectory(start), nil)
        }
        var replay = try await StepReplay(of: steps, startingBefore: step, note: note)
        let missing = step - 1 - replay.step
        if missing > 0 {
            note("training on \(missing) steps since \(replay.start) again; --no-policy does without")
        }
        try await replay.advance(toStartOf: step)
        let examination = try await BatchExamination(
            of: batch, recipe: configuration.recipe, policy: replay.policy)
        return (replay.model, examination)
    }

    /// Before anything is computed, which may take long.
    private func checkNumbers(_ steps: RecordedSteps) throws {
        guard (1...max(1, steps.count)).contains(step), steps.count > 0 else {
            throw CommandFailure("--step \(step): the ledger holds steps 1 to \(steps.count)", .usage)
        }
        let (groups, completions) = (steps.members(step).count, steps.configuration.grpo.numGenerations)
        if let group, !(0..<groups).contains(group) {
            throw CommandFailure("--group \(group): the step has groups 0 to \(groups - 1)", .usage)
        }
        if let completion, !(0..<completions).contains(completion) {
            throw CommandFailure(
                "--completion \(completion): each group has completions 0 to \(completions - 1)", .usage)
        }
    }

    private func narrowed(_ whole: InspectedStep) -> InspectedStep {
        var step = whole
        if let group { step.groups = [step.groups[group]] }
        guard let completion else { return step }
        for index in step.groups.indices {
            step.groups[index].completions = [step.groups[index].completions[completion]]
        }
        return step
    }
}
