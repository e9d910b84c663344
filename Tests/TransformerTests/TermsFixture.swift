import Foundation
import Ports
import Transformer

/// The model of Tests/Fixtures/models/make_terms.py: a loss of several terms.
struct TermsFixture {
    /// Terms of the loss, as the golden file names their gradients.
    enum Term: String, CaseIterable, Sendable {
        case entropy, divergence, value
        /// The value loss without the backbone.
        case detached
        case all
    }

    struct Batch: Decodable, Sendable {
        struct Step: Decodable, Sendable {
            var maxGradNorm: Double
            var learningRate: Double
            var valueHeadMultiplier: Double
        }

        struct Weights: Decodable, Sendable {
            var logprob: [Float]
            var entropy: [Float]
            var divergence: [Float]
            var value: [Float]
        }

        var temperature: Float
        var groups: [FixtureBatch.Group]
        var step: Step
        var weights: Weights
        var returns: [Float]

        var tokenGroups: [TokenGroup] {
            groups.map { TokenGroup(prompt: $0.prompt, completions: $0.completions) }
        }

        /// The gradient of the terms by the scores of a block.
        func gradient(
            _ term: Term, _ block: Range<Int>, _ scores: TokenScores
        ) -> BlockGradient<TokenScores> {
            let own = tokenGroups.tokens(of: block)
            let isAll = term == .all
            let hasValue = isAll || term == .value || term == .detached
            let values = zip(scores.values, own).map {
                weights.value[$1] * weights.value[$1] * ($0 - returns[$1])
            }
            return BlockGradient(
                logprobs: own.map { isAll ? weights.logprob[$0] : 0 },
                entropies: isAll || term == .entropy ? Array(weights.entropy[own]) : [],
                divergences: isAll || term == .divergence ? Array(weights.divergence[own]) : [],
                values: hasValue ? values : [], report: scores)
        }
    }

    let fixture = Fixture(name: "tiny-terms")
    let batch: Batch
    let golden: SimpleSafetensors.Image

    init() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        batch = try decoder.decode(Batch.self, from: Data(fixture.bytes("batch.json")))
        golden = try fixture.golden
    }

    /// With the golden file's value head. β₁ = β₂ = 0: the moments after one step are the gradient
    /// and its square.
    func learner(
        _ term: Term = .all, reference: String = "reference",
        optimizer: AdamWConfiguration = .init(beta1: 0, beta2: 0), type: TensorType = .float32
    ) async throws -> TransformerLearner {
        let head = ValueHeadOptions(
            trainsBackbone: term != .detached,
            learningRateMultiplier: batch.step.valueHeadMultiplier)
        let learner = try TransformerLearner(
            configuration: fixture.configuration, weights: fixture.image,
            reference: fixture.bytes("\(reference).safetensors"), codec: Fixture.codec, threads: 2,
            optimizer: optimizer, options: TrainingOptions(type: type, valueHead: head))
        try await learner.setValueHead(golden["head.weight"], golden["head.bias"])
        return learner
    }

    /// One step on the term; answers with the scores.
    func step(
        _ learner: TransformerLearner, on term: Term, learningRate: Double = 0,
        maxGradNorm: Double = 0
    ) async throws -> OptimizerStep<TokenScores> {
        let batch = batch
        return try await learner.step(
            on: batch.tokenGroups, temperature: batch.temperature, learningRate: learningRate,
            maxGradNorm: maxGradNorm, needsDivergence: true
        ) { batch.gradient(term, $0, $1) }
    }
}

extension TransformerLearner {
    /// By way of the optimiser's image.
    func setValueHead(_ weight: [Float], _ bias: [Float]) throws {
        var image = try Fixture.codec.read(exportOptimizer())
        image.tensors["value_head.weight"]?.values = weight
        image.tensors["value_head.bias"]?.values = bias
        let optimizer = try Fixture.codec.encode(
            image.names.compactMap { name in
                image.tensors[name].map {
                    NamedTensor(name: name, shape: $0.shape, values: $0.values)
                }
            }, metadata: image.metadata)
        try restore(weights: exportWeights(), optimizer: optimizer)
    }
}
