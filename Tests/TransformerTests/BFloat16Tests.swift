import Ports
import Testing
import Transformer

@Suite("bfloat16")
struct BFloat16Tests {
    static let options = TrainingOptions(type: .bfloat16)

    private func learner(_ fixture: Fixture) throws -> TransformerLearner {
        try TransformerLearner(
            configuration: fixture.configuration, weights: fixture.image, codec: Fixture.codec,
            threads: 2, options: Self.options)
    }

    @Test("Scores and gradients are near PyTorch's in float64", arguments: Fixture.all)
    func nearGolden(fixture: Fixture) async throws {
        let (batch, golden) = (try fixture.batch, try fixture.golden)
        let learner = try learner(fixture)
        let scores = try await learner.score(
            batch.tokenGroups, with: .current, temperature: batch.temperature)
        let distance = relativeDistance(scores.logprobs, golden["logprobs"])
        #expect(distance < 0.02)
        #expect(distance > 1e-5, "nothing was rounded")
        let step = try await learner.weightedStep(batch, learningRate: 0, maxGradNorm: 0)
        #expect(abs(step.gradNorm - Double(golden["norm1"][0])) < 0.03 * step.gradNorm)
    }

    /// What a snapshot holds is what the learner computes with.
    @Test("Snapshots are bfloat16, and rounding them again changes nothing")
    func snapshots() async throws {
        let fixture = Fixture.all[0]
        let learner = try learner(fixture)
        let batch = try fixture.batch
        _ = try await learner.weightedStep(batch, learningRate: 1e-3, maxGradNorm: 1)
        let image = try await learner.exportWeights()
        #expect(image.count < (try fixture.image).count * 6 / 10)
        let reader = try TransformerLearner(
            configuration: fixture.configuration, weights: image, codec: Fixture.codec, threads: 1,
            options: Self.options)
        let groups = batch.tokenGroups
        let mine = try await learner.score(groups, with: .current, temperature: 1)
        let theirs = try await reader.score(groups, with: .current, temperature: 1)
        #expect(bits(mine.logprobs) == bits(theirs.logprobs))
        #expect(try await reader.exportWeights() == image)
    }

    @Test("Master weights come back bit for bit, although snapshots are rounded")
    func masters() async throws {
        let fixture = Fixture.all[0]
        let (batch, first) = (try fixture.batch, try learner(fixture))
        // Smaller than the spacing of bfloat16: only masters can keep such steps.
        for _ in 0..<3 {
            _ = try await first.weightedStep(batch, learningRate: 1e-5, maxGradNorm: 1)
        }
        let (weights, optimizer) = (
            try await first.exportWeights(), try await first.exportOptimizer()
        )
        let second = try learner(fixture)
        try await second.restore(weights: weights, optimizer: optimizer)
        for _ in 0..<3 {
            _ = try await first.weightedStep(batch, learningRate: 1e-5, maxGradNorm: 1)
            _ = try await second.weightedStep(batch, learningRate: 1e-5, maxGradNorm: 1)
        }
        #expect(try await first.exportOptimizer() == second.exportOptimizer())
        #expect(try await first.exportWeights() == second.exportWeights())
    }
}
