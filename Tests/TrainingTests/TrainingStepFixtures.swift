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
    }

    private struct State {
        var calls: [Call] = []
        var referenceCalls: [[TokenGroup]] = []
    }

    private let state = Mutex(State())
    /// The current log-probability by optimiser steps taken; the last one stays.
    private let logprobs: [Float]
    private let referenceLogprob: Float
    private let failure: NonFiniteGradient?

    init(logprobs: [Float], referenceLogprob: Float = -1, failure: NonFiniteGradient? = nil) {
        self.logprobs = logprobs
        self.referenceLogprob = referenceLogprob
        self.failure = failure
    }

    var calls: [Call] { state.withLock(\.calls) }
    var referenceCalls: [[TokenGroup]] { state.withLock(\.referenceCalls) }

    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) async throws -> TokenScores {
        state.withLock { $0.referenceCalls.append(groups) }
        return scores(of: groups, logprob: referenceLogprob)
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) async throws -> OptimizerStep<Report> {
        if let failure { throw failure }
        let logprob = logprobs[min(calls.count, logprobs.count - 1)]
        let blocks = try groups.indices.map { index in
            try loss(index..<index + 1, scores(of: [groups[index]], logprob: logprob))
        }
        let gradient = blocks.flatMap(\.logprobs)
        state.withLock {
            $0.calls.append(
                Call(
                    groups: groups, learningRate: learningRate, temperature: temperature,
                    maxGradNorm: maxGradNorm, gradient: gradient))
        }
        return OptimizerStep(reports: blocks.map(\.report), gradNorm: Double(calls.count))
    }

    private func scores(of groups: [TokenGroup], logprob: Float) -> TokenScores {
        let count = groups.reduce(0) { $0 + $1.completions.reduce(0) { $0 + $1.count } }
        return TokenScores(
            logprobs: [Float](repeating: logprob, count: count),
            entropies: [Float](repeating: 0.5, count: count))
    }

    func exportWeights() async throws -> [UInt8] { [] }
    func exportOptimizer() async throws -> [UInt8] { [] }
    func restore(weights: [UInt8], optimizer: [UInt8]?) async throws {}
}
