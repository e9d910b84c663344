import GRPO
import Ports
import Synchronization
import Training

/// A policy that gives every token the log-probability it is told to, after each step another, and
/// remembers what it was asked. Each block is one group.
final class ScriptedPolicy: TrainablePolicy {
    struct Call: Sendable {
        var groups: [TokenGroup]
        var learningRate: Double
        var temperature: Float
        var maxGradNorm: Double
        var gradient: [Float]
        var entropyGradient: [Float]
        var divergenceGradient: [Float]
        var valueGradient: [Float]
    }

    /// What it was asked, in order; with numbers of groups.
    enum Event: Hashable, Sendable {
        case scored(ScoredPolicy, Int)
        case stepped(Int)
        case mixed(Double)
    }

    private struct State {
        var calls: [Call] = []
        var events: [Event] = []
        var referenceCalls: [[TokenGroup]] = []
    }

    private let state = Mutex(State())
    /// The current log-probability by optimiser steps taken; the last one stays.
    private let logprobs: [Float]
    private let referenceLogprob: Float
    /// By the token's place in its completion.
    private let entropy: @Sendable (_ place: Int) -> Float
    /// By optimiser steps taken and the token's place; `nil`: there is no value head.
    private let value: (@Sendable (_ steps: Int, _ place: Int) -> Float)?
    private let failure: NonFiniteGradient?

    static let divergence: Float = 0.25

    init(
        logprobs: [Float], referenceLogprob: Float = -1, failure: NonFiniteGradient? = nil,
        entropy: @escaping @Sendable (_ place: Int) -> Float = { _ in 0.5 },
        value: (@Sendable (_ steps: Int, _ place: Int) -> Float)? = nil
    ) {
        self.logprobs = logprobs
        self.referenceLogprob = referenceLogprob
        self.failure = failure
        self.entropy = entropy
        self.value = value
    }

    var calls: [Call] { state.withLock(\.calls) }
    var events: [Event] { state.withLock(\.events) }
    var referenceCalls: [[TokenGroup]] { state.withLock(\.referenceCalls) }

    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) async throws -> TokenScores {
        state.withLock {
            $0.events.append(.scored(policy, groups.count))
            if policy == .reference { $0.referenceCalls.append(groups) }
        }
        guard policy == .reference else { return current(groups, needsDivergence: false) }
        var scores = current(groups, needsDivergence: false)
        scores.logprobs = scores.logprobs.map { _ in referenceLogprob }
        scores.values = []
        return scores
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) async throws -> OptimizerStep<Report> {
        if let failure { throw failure }
        let blocks = try groups.indices.map { index in
            try loss(index..<index + 1, current([groups[index]], needsDivergence: needsDivergence))
        }
        state.withLock {
            $0.events.append(.stepped(groups.count))
            $0.calls.append(
                Call(
                    groups: groups, learningRate: learningRate, temperature: temperature,
                    maxGradNorm: maxGradNorm, gradient: blocks.flatMap(\.logprobs),
                    entropyGradient: blocks.flatMap(\.entropies),
                    divergenceGradient: blocks.flatMap(\.divergences),
                    valueGradient: blocks.flatMap(\.values)))
        }
        return OptimizerStep(reports: blocks.map(\.report), gradNorm: Double(calls.count))
    }

    func mixReference(_ alpha: Double) async throws {
        state.withLock { $0.events.append(.mixed(alpha)) }
    }

    private func current(_ groups: [TokenGroup], needsDivergence: Bool) -> TokenScores {
        let places = groups.flatMap { $0.completions.flatMap { Array($0.indices) } }
        let steps = calls.count
        return TokenScores(
            logprobs: places.map { _ in logprobs[min(steps, logprobs.count - 1)] },
            entropies: places.map(entropy),
            divergences: needsDivergence ? places.map { _ in Self.divergence } : [],
            values: value.map { value in places.map { value(steps, $0) } } ?? [])
    }

    func exportWeights() async throws -> [UInt8] { [] }
    func exportOptimizer() async throws -> [UInt8] { [] }
    func restore(weights: [UInt8], optimizer: [UInt8]?) async throws {}
}

/// A completion by its length and what the reward functions gave.
struct Scored {
    var length: Int
    var rewards: [Double?]
    var isTruncated = false

    init(_ length: Int, _ rewards: Double?..., isTruncated: Bool = false) {
        self.length = length
        self.rewards = rewards
        self.isTruncated = isTruncated
    }
}

/// Groups whose completions were sampled with log-probability −1 at every token.
func makeBatch(_ groups: [Scored]...) -> [Group] {
    groups.enumerated().map { ordinal, completions in
        var group = answer(makeTicket(ordinal: UInt64(ordinal), prompt: [Int32(ordinal)]), rewards: [])
        group.completions = completions.map { scored in
            var completion = makeCompletion(
                tokens: [Int32](repeating: 3, count: scored.length),
                reward: scored.rewards.reduce(0) { $0 + ($1 ?? 0) })
            completion.rewards = scored.rewards
            completion.finishReason = scored.isTruncated ? .length : .stop
            return completion
        }
        return group
    }
}

/// Trains on one generation batch. The algorithm is the default without KL and with advantages r − m, and
/// what `change` makes of it.
func train(
    _ policy: ScriptedPolicy, on batch: [Group], iterations: Int = 1, minibatches: Int = 1,
    weights: [Double] = [], after optimizerSteps: Int = 0,
    _ change: (inout AlgorithmSettings) -> Void
) async throws -> StepReport {
    var algorithm = AlgorithmSettings()
    algorithm.objective.beta = 0
    algorithm.advantage.scaling = .none
    change(&algorithm)
    let recipe = TrainingRecipe(
        algorithm: algorithm, rewardWeights: weights,
        schedule: LearningRateSchedule(kind: .constant, peak: 1, warmupSteps: 0, totalSteps: 10),
        maxGradNorm: 0, temperature: 1, maxCompletionLength: 8, numIterations: iterations,
        stepsPerGeneration: minibatches)
    return try await TrainingStep(recipe: recipe, batch: batch)
        .run(on: policy, optimizerSteps: optimizerSteps)
}

/// Whether two lists have the same length and nearly the same numbers.
func areClose<Value: BinaryFloatingPoint>(
    _ list: [Value], _ expected: [Double], within tolerance: Double = 1e-6
) -> Bool {
    list.count == expected.count
        && zip(list, expected).allSatisfy { abs(Double($0) - $1) <= tolerance }
}
