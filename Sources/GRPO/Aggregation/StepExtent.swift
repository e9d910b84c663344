/// What one optimiser step holds: the data for its denominators, fixed before any block is evaluated.
public struct StepExtent: Hashable, Sendable {
    /// What is counted of some completions.
    public struct Counts: Hashable, Sendable {
        public var prompts = 0
        public var completions = 0
        /// Completions with at least one token that counts.
        public var nonEmpty = 0
        /// Completion tokens that count in the loss.
        public var tokens = 0

        public init(prompts: Int = 0, completions: Int = 0, nonEmpty: Int = 0, tokens: Int = 0) {
            precondition(
                prompts >= 0 && completions >= 0 && nonEmpty >= 0 && tokens >= 0,
                "counts are not negative")
            self.prompts = prompts
            self.completions = completions
            self.nonEmpty = nonEmpty
            self.tokens = tokens
        }
    }

    /// Of everything that counts.
    public var all: Counts
    /// Of what counts in the policy term: without constant groups where they count for KL only.
    public var policy: Counts
    /// L of the loss types that divide by it, tokens.
    public var maxCompletionLength: Int
    /// Σ_i of the local denominators: micro-batches for `bnpo` and the entropy term.
    public var microBatches = 1.0
    /// Tokens of each completion's micro-batch that count; empty: the step is one micro-batch.
    public var microBatchTokens: [CompletionID: Int] = [:]
    /// The entropy from which on a token has a policy term; only for `top_entropy_quantile`.
    public var entropyThreshold: Double?
    /// Tokens that reach it; `nil`: all that count.
    public var highEntropyTokens: Int?
    /// Mean tokens of each completion's group; only for `group_token_mean`.
    public var meanGroupTokens: [CompletionID: Double] = [:]

    public init(all: Counts, policy: Counts? = nil, maxCompletionLength: Int = 1) {
        self.all = all
        self.policy = policy ?? all
        self.maxCompletionLength = maxCompletionLength
    }

    /// The default's and `original`'s denominators.
    public init(prompts: Int, lossTokens: Int) {
        self.init(all: Counts(prompts: prompts, tokens: lossTokens))
    }

    /// Of whole groups, as `configuration` counts them. `maxCompletionLength`: `nil`: the longest
    /// completion, masked tokens included.
    public init(
        groups: [[TrainingCompletion]], configuration: ObjectiveConfiguration,
        maxCompletionLength: Int? = nil
    ) {
        let kept = groups.filter { !configuration.drops($0) }
        let counter = TokenCounter(configuration)
        all = counter.counts(kept)
        policy =
            configuration.constantGroups == .klOnly
            ? counter.counts(kept.filter { !($0.first?.isInConstantGroup ?? false) }) : all
        let longest = groups.joined().map(\.tokenCount).max() ?? 1
        self.maxCompletionLength = max(1, maxCompletionLength ?? longest)
        if configuration.lossType == .groupTokenMean {
            for group in kept { meanGroupTokens.merge(counter.means(group)) { $1 } }
        }
        if let size = configuration.perDeviceTrainBatchSize {
            addMicroBatches(Array(kept.joined()), size: size, counter)
        }
    }

    private mutating func addMicroBatches(
        _ completions: [TrainingCompletion], size: Int, _ counter: TokenCounter
    ) {
        microBatches = Double(max(1, (completions.count + size - 1) / size))
        for start in stride(from: 0, to: completions.count, by: size) {
            let batch = completions[start..<min(start + size, completions.count)]
            let tokens = batch.reduce(0) { $0 + counter.tokens($1) }
            for completion in batch { microBatchTokens[completion.id] = tokens }
        }
    }
}

/// Counts what the configuration's masks leave.
struct TokenCounter {
    let configuration: ObjectiveConfiguration
    private let correction: ImportanceCorrection<Double>

    init(_ configuration: ObjectiveConfiguration) {
        self.configuration = configuration
        correction = ImportanceCorrection(configuration)
    }

    /// Tokens of `completion` that count.
    func tokens(_ completion: TrainingCompletion) -> Int {
        selected(completion).count
    }

    /// Places of the tokens that count.
    func selected(_ completion: TrainingCompletion) -> [Int] {
        guard !configuration.excludes(completion) else { return [] }
        let unmasked = completion.unmaskedTokens
        guard configuration.rejectedTokens == .drop, correction.isActive else { return unmasked }
        let weights = correction.weights(completion, tokens: unmasked)
        return zip(unmasked, weights).filter { !$0.1.isRejected }.map(\.0)
    }

    func counts(_ groups: [[TrainingCompletion]]) -> StepExtent.Counts {
        let lengths = groups.joined().map(tokens)
        return StepExtent.Counts(
            prompts: groups.count, completions: lengths.count,
            nonEmpty: lengths.count { $0 > 0 }, tokens: lengths.reduce(0, +))
    }

    func means(_ group: [TrainingCompletion]) -> [CompletionID: Double] {
        let total = group.reduce(0) { $0 + tokens($1) }
        let mean = Double(total) / Double(max(1, group.count))
        return Dictionary(uniqueKeysWithValues: group.map { ($0.id, mean) })
    }
}

extension ObjectiveConfiguration {
    /// Whether the group is taken out of the step.
    func drops(_ group: [TrainingCompletion]) -> Bool {
        constantGroups == .drop && group.first?.isInConstantGroup ?? false
    }

    /// Whether none of the completion's tokens counts.
    func excludes(_ completion: TrainingCompletion) -> Bool {
        maskTruncatedCompletions && completion.isTruncated
            || constantGroups == .drop && completion.isInConstantGroup
    }
}
