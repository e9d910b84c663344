import Ports
import Testing
import Transformer

@Suite("Against PyTorch")
struct GoldenTests {
    @Test("Log-probabilities and entropies at a temperature are PyTorch's", arguments: Fixture.all)
    func scores(fixture: Fixture) async throws {
        let batch = try fixture.batch
        let golden = try fixture.golden
        for policy in [ScoredPolicy.current, .reference] {
            let scores = try await fixture.learner().score(
                batch.tokenGroups, with: policy, temperature: batch.temperature)
            #expect(relativeDistance(scores.logprobs, golden["logprobs"]) < 1e-5)
            #expect(relativeDistance(scores.entropies, golden["entropies"]) < 1e-5)
        }
    }

    /// Every logit, read off as differences of log-probabilities: prompt + completion, then each
    /// token of the vocabulary as a completion of its own.
    @Test("Logits are PyTorch's up to the constant that softmax removes", arguments: Fixture.all)
    func logits(fixture: Fixture) async throws {
        let group = try fixture.batch.groups[1]
        let golden = try fixture.golden
        let vocabulary = try fixture.configuration.vocabularySize
        for (index, completion) in group.completions.enumerated() {
            let tokens = TokenGroup(
                prompt: group.prompt + completion, completions: (0..<vocabulary).map { [Int32($0)] }
            )
            let scores = try await fixture.learner().score([tokens], with: .current, temperature: 1)
            let expected = Array(golden["logits.1.\(index)"].suffix(vocabulary))
            let offset = expected[0] - scores.logprobs[0]
            #expect(relativeDistance(scores.logprobs.map { $0 + offset }, expected) < 1e-5)
        }
    }

    /// With β₁ = β₂ = 0 the moments after one step are the gradient and its square.
    @Test("The gradient of every parameter is PyTorch's", arguments: Fixture.all)
    func gradients(fixture: Fixture) async throws {
        let batch = try fixture.batch
        let golden = try fixture.golden
        let learner = try fixture.learner(optimizer: AdamWConfiguration(beta1: 0, beta2: 0))
        let step = try await learner.weightedStep(batch, learningRate: 0, maxGradNorm: 0)
        #expect(abs(step.gradNorm - Double(golden["norm1"][0])) < 1e-4 * step.gradNorm)
        let state = try await Fixture.codec.read(learner.exportOptimizer())
        for name in try WeightLayout(fixture.configuration).entries.map(\.name) {
            let distance = relativeDistance(state["exp_avg.\(name)"], golden["gradient.\(name)"])
            #expect(distance < 1e-4, "\(name)")
        }
    }

    @Test("Three clipped AdamW steps with weight decay are PyTorch's", arguments: Fixture.all)
    func optimiserSteps(fixture: Fixture) async throws {
        let batch = try fixture.batch
        let golden = try fixture.golden
        let learner = try fixture.learner(
            optimizer: AdamWConfiguration(weightDecay: batch.adamw.weightDecay))
        for number in 1...batch.adamw.steps {
            let step = try await learner.weightedStep(
                batch, learningRate: batch.adamw.learningRate, maxGradNorm: batch.adamw.maxGradNorm)
            #expect(abs(step.gradNorm - Double(golden["norm\(number)"][0])) < 1e-3 * step.gradNorm)
            let weights = try await Fixture.codec.read(learner.exportWeights())
            for name in weights.names {
                let distance = relativeDistance(weights[name], golden["step\(number).\(name)"])
                #expect(distance < 1e-4, "\(name) after step \(number)")
            }
        }
    }
}

extension TransformerLearner {
    /// A step on Σ weight · logprob.
    func weightedStep(
        _ batch: FixtureBatch, learningRate: Double, maxGradNorm: Double
    ) throws -> OptimizerStep<Range<Int>> {
        let groups = batch.tokenGroups
        let weights = batch.weights
        return try step(
            on: groups, temperature: batch.temperature, learningRate: learningRate,
            maxGradNorm: maxGradNorm
        ) { block, scores in
            BlockGradient(logprobs: Array(weights[groups.tokens(of: block)]), report: block)
        }
    }
}
