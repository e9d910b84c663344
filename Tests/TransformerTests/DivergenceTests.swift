import Foundation
import Ports
import Testing
import Transformer

@Suite("Divergence from the reference")
struct DivergenceTests {
    let model: ModelConfiguration
    let group = TokenGroup(prompt: [5, 9, 4], completions: [[7, 8, 9], [1], [], [12, 6, 50, 2]])

    init() throws { model = try TestModel.uneven() }

    private func learner(_ weights: Float, reference: Float, _ type: TensorType = .float32) throws
        -> TransformerLearner
    {
        try TransformerLearner(
            configuration: model, weights: TestModel.image(model, scale: weights),
            reference: TestModel.image(model, scale: reference), codec: Fixture.codec, threads: 1,
            options: TrainingOptions(type: type))
    }

    private func step(_ learner: TransformerLearner) async throws -> (norm: Double, TokenScores) {
        let step = try await learner.step(
            on: [group], temperature: 0.8, learningRate: 0, maxGradNorm: 0, needsDivergence: true
        ) { _, scores in
            let count = scores.logprobs.count
            return BlockGradient(
                logprobs: [Float](repeating: 0, count: count),
                divergences: [Float](repeating: 1, count: count), report: scores)
        }
        return (step.gradNorm, step.reports[0])
    }

    @Test(
        "The same weights diverge by exactly zero, with a gradient of exactly zero",
        arguments: TensorType.allCases)
    func same(type: TensorType) async throws {
        let (norm, scores) = try await step(learner(8, reference: 8, type))
        #expect(scores.divergences == [Float](repeating: 0, count: 8))
        #expect(norm == 0)
    }

    /// Probabilities of the whole vocabulary, read off by making each token a completion.
    @Test("It is the sum over the vocabulary", arguments: [Float(7.9), 6, 2])
    func sum(reference: Float) async throws {
        let learner = try learner(8, reference: reference)
        let every = TokenGroup(prompt: group.prompt, completions: (0..<101).map { [Int32($0)] })
        let own = try await learner.score([every], with: .current, temperature: 0.8).logprobs
        let other = try await learner.score([every], with: .reference, temperature: 0.8).logprobs
        let expected = zip(own, other).reduce(0.0) { sum, pair in
            sum + exp(Double(pair.0)) * (Double(pair.0) - Double(pair.1))
        }
        let (_, scores) = try await step(learner)
        #expect(abs(Double(scores.divergences[0]) - expected) < 1e-5 * max(expected, 0.1))
        // The prompt's last row predicts the first token of all completions.
        #expect(scores.divergences[3] == scores.divergences[0])
        #expect(scores.divergences[4] == scores.divergences[0])
    }

    /// Probabilities of 0 on one side or on both.
    @Test("It is finite and never negative between very sharp distributions")
    func sharp() async throws {
        for (weights, reference) in [(Float(300), Float(8)), (8, 300), (300, 299)] {
            let (norm, scores) = try await step(learner(weights, reference: reference))
            #expect(scores.divergences.allSatisfy { $0 >= 0 && $0.isFinite })
            #expect(norm.isFinite)
        }
    }

    @Test("A step that asks for it without a reference is refused, as is its gradient unasked for")
    func refusals() async throws {
        let alone = try TestModel.learner(model, TestModel.image(model))
        await #expect(throws: TrainingError.noReference) { _ = try await step(alone) }
        let learner = try learner(8, reference: 8)
        await #expect(throws: TrainingError.noDivergences) {
            _ = try await learner.step(
                on: [group], temperature: 1, learningRate: 0, maxGradNorm: 0
            ) { _, scores in
                BlockGradient(
                    logprobs: scores.logprobs, divergences: scores.logprobs, report: ())
            }
        }
        await #expect(throws: TrainingError.wrongGradientCount(expected: 8, found: 2)) {
            _ = try await learner.step(
                on: [group], temperature: 1, learningRate: 0, maxGradNorm: 0
            ) { _, scores in
                BlockGradient(logprobs: scores.logprobs, entropies: [0, 1], report: ())
            }
        }
    }
}
