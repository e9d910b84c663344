import GRPO
import Ports
import Testing
import Transformer

/// Bits of steps on a loss with every term.
@Suite("Every term of the loss")
struct TermsAgreementTests {
    static let head = ValueHeadOptions(trainsBackbone: true, learningRateMultiplier: 5)

    /// What a learner looks like afterwards: weights, moments and value head.
    private struct Outcome: Equatable {
        var weights: [UInt8]
        var optimizer: [UInt8]
    }

    /// Two steps on groups of many blocks.
    private func trained(threads: Int, _ options: TrainingOptions) async throws -> Outcome {
        let model = try TestModel.even()
        let learner = try TransformerLearner(
            configuration: model, weights: TestModel.image(model),
            reference: TestModel.image(model, scale: 7), codec: Fixture.codec, threads: threads,
            options: options)
        for _ in 0..<2 {
            let step = try await learner.step(
                on: Self.groups(vocabulary: 512), temperature: 0.9, learningRate: 1e-3,
                maxGradNorm: 1, needsDivergence: true
            ) { block, scores in
                Self.everyTerm(scores, reporting: block.count)
            }
            #expect(step.reports.count > 2)
        }
        return try await Outcome(
            weights: learner.exportWeights(), optimizer: learner.exportOptimizer())
    }

    private static func groups(vocabulary: Int32) -> [TokenGroup] {
        var random = CounterRandom(seed: 2, stream: 9)
        func tokens(_ count: Int) -> [Int32] {
            (0..<count).map { _ in Int32.random(in: 0..<vocabulary, using: &random) }
        }
        return (0..<20).map { index in
            TokenGroup(prompt: tokens(5 + index), completions: [tokens(30), tokens(1), tokens(60)])
        }
    }

    /// A slope by each score that depends on it.
    private static func everyTerm<Report: Sendable>(
        _ scores: TokenScores, reporting report: Report
    ) -> BlockGradient<Report> {
        BlockGradient(
            logprobs: scores.logprobs.map { -1 - 0.1 * $0 }, entropies: scores.entropies.map { -0.3 * $0 },
            divergences: scores.divergences.map { 1 + 0.2 * $0 }, values: scores.values.map { $0 - 1 },
            report: report)
    }

    @Test(
        "Any number of threads, and activations computed again, give the same bits",
        arguments: TensorType.allCases)
    func threads(type: TensorType) async throws {
        let options = TrainingOptions(type: type, valueHead: Self.head)
        let one = try await trained(threads: 1, options)
        for threads in [2, 3] {
            #expect(try await trained(threads: threads, options) == one)
        }
        var recomputing = options
        recomputing.gradientCheckpointing = true
        #expect(try await trained(threads: 2, recomputing) == one)
    }

    @Test(
        "All threads working together give the same bits for any number of them",
        arguments: TensorType.allCases)
    func together(type: TensorType) async throws {
        var options = TrainingOptions(type: type, valueHead: Self.head)
        let apart = try await Fixture.codec.read(trained(threads: 1, options).optimizer)
        options.parametersMaxPerThread = 0
        let one = try await trained(threads: 1, options)
        for threads in [2, 3] {
            #expect(try await trained(threads: threads, options) == one)
        }
        let mine = try Fixture.codec.read(one.optimizer)
        for name in mine.names where name.hasPrefix("exp_avg.") {
            #expect(relativeDistance(mine[name], apart[name]) < 1e-3, "\(name)")
        }
    }

    @Test("A term that the loss leaves out changes no bit of what is trained")
    func unused() async throws {
        let model = try TestModel.even()
        let image = try TestModel.image(model)
        func trained(_ options: TrainingOptions, needsDivergence: Bool) async throws -> [UInt8] {
            let learner = try TransformerLearner(
                configuration: model, weights: image, reference: image, codec: Fixture.codec,
                threads: 2, options: options)
            for _ in 0..<2 {
                _ = try await learner.step(
                    on: Self.groups(vocabulary: 512), temperature: 0.9, learningRate: 1e-3,
                    maxGradNorm: 1, needsDivergence: needsDivergence
                ) { _, scores in
                    BlockGradient(logprobs: scores.logprobs.map { -1 - 0.1 * $0 }, report: ())
                }
            }
            return try await learner.exportWeights()
        }
        let plain = try await trained(.init(), needsDivergence: false)
        #expect(try await trained(.init(), needsDivergence: true) == plain)
        let moving = TrainingOptions(valueHead: Self.head, syncsReference: true)
        #expect(try await trained(moving, needsDivergence: false) == plain)
    }

    /// The vocabulary is so large that logits exist for a few hundred rows at a time.
    @Test("Logits in chunks give the gradient of separate sequences")
    func chunks() async throws {
        let model = try ModelConfiguration(
            vocabularySize: 60_000, hiddenSize: 16, intermediateSize: 24, layerCount: 1,
            headCount: 2, keyValueHeadCount: 1, maxPositions: 300, eosTokens: [])
        let (image, reference) = (
            try TestModel.image(model), try TestModel.image(model, scale: 6)
        )
        var random = CounterRandom(seed: 1, stream: 1)
        let completions = (0..<3).map { _ in
            (0..<120).map { _ in Int32.random(in: 0..<60_000, using: &random) }
        }
        func gradient(_ groups: [TokenGroup]) async throws -> SimpleSafetensors.Image {
            let learner = try TransformerLearner(
                configuration: model, weights: image, reference: reference, codec: Fixture.codec,
                threads: 1, optimizer: AdamWConfiguration(beta1: 0, beta2: 0),
                options: TrainingOptions(valueHead: Self.head))
            _ = try await learner.step(
                on: groups, temperature: 0.7, learningRate: 0, maxGradNorm: 0, needsDivergence: true
            ) { _, scores in Self.everyTerm(scores, reporting: ()) }
            return try await Fixture.codec.read(learner.exportOptimizer())
        }
        let together = try await gradient([TokenGroup(prompt: [3, 1, 2], completions: completions)])
        let apart = try await gradient(
            completions.map { TokenGroup(prompt: [3, 1, 2], completions: [$0]) })
        for name in together.names where name.hasPrefix("exp_avg.") {
            guard !name.hasSuffix("k_proj.bias") else { continue }
            #expect(relativeDistance(together[name], apart[name]) < 1e-4, "\(name)")
        }
    }
}
