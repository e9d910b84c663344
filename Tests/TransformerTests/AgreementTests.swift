import GRPO
import Ports
import Testing
import Transformer

@Suite("Sampler and learner agree")
struct AgreementTests {
    enum Widths: CaseIterable { case even, uneven }

    /// Some completions stop early, most run to the end: lengths are mixed.
    static let parameters = SamplingParameters(
        temperature: 0.8, maxCompletionLength: 50, stopTokens: [1, 2, 3])

    /// 1,000 completions, decoded in shuffled batches of several sizes.
    @Test(
        "Log-probabilities from decoding and from the learner are the same bits",
        .enabled(if: TensorType.allCases.allSatisfy(NumericsFingerprint.isRowInvariant)),
        arguments: TensorType.allCases, [1, 2])
    func sameBits(type: TensorType, threads: Int) async throws {
        for widths in Widths.allCases {
            let model = try widths == .even ? TestModel.even() : TestModel.uneven()
            let groups = try await sampled(model, type, threads: threads)
            let sampled = groups.flatMap { $0.completions.flatMap(\.behaviorLogprobs) }
            #expect(groups.reduce(0) { $0 + $1.completions.count } == 1000)
            #expect(Set(groups.flatMap { $0.completions.map(\.tokens.count) }).count > 5)
            #expect(sampled.allSatisfy { $0 < 0 && $0.isFinite })
            let learner = try TestModel.learner(
                model, TestModel.image(model), threads: 3 - threads, options: .init(type: type))
            let scores = try await learner.score(
                groups.map { TokenGroup($0) }, with: .current, temperature: 0.8)
            #expect(bits(scores.logprobs) == bits(sampled))
        }
    }

    /// 125 tickets of 8 completions, in an order of its own for each call.
    private func sampled(
        _ model: ModelConfiguration, _ type: TensorType, threads: Int
    ) async throws -> [Group] {
        let sampler = try await TestModel.sampler(
            model, TestModel.image(model), threads: threads, type: type)
        var random = CounterRandom(seed: UInt64(threads), stream: 8)
        var rest = TestModel.tickets(125, vocabulary: model.vocabularySize)
            .shuffled(using: &random)[...]
        var groups: [Group] = []
        for size in [1, 2, 17, 40, 65] {
            groups += try await sampler.sample(
                Array(rest.prefix(size)), groupSize: 8, parameters: Self.parameters, seed: 9)
            rest = rest.dropFirst(size)
        }
        #expect(rest.isEmpty)
        return groups
    }

    @Test("A completion does not depend on threads, nor on what is sampled beside it")
    func composition() async throws {
        let model = try TestModel.uneven()
        let image = try TestModel.image(model)
        let tickets = TestModel.tickets(30, vocabulary: model.vocabularySize)
        let reference = try await TestModel.sampler(model, image, threads: 1).sample(
            tickets, groupSize: 4, parameters: Self.parameters, seed: 9)
        let parallel = try await TestModel.sampler(model, image, threads: 3)
        let together = try await parallel.sample(
            tickets.reversed(), groupSize: 4, parameters: Self.parameters, seed: 9)
        #expect(Array(together.reversed()) == reference)
        for index in [0, 7, 29] {
            let alone = try await parallel.sample(
                [tickets[index]], groupSize: 4, parameters: Self.parameters, seed: 9)
            #expect(alone == [reference[index]])
        }
        let larger = try await parallel.sample(
            Array(tickets[..<3]), groupSize: 9, parameters: Self.parameters, seed: 9)
        for (group, expected) in zip(larger, reference) {
            #expect(Array(group.completions[..<4]) == expected.completions)
        }
    }

    @Test("A group's scores do not depend on the groups beside it or on threads")
    func scores() async throws {
        let model = try TestModel.uneven()
        let image = try TestModel.image(model)
        let groups = try await TestModel.sampler(model, image, threads: 2).sample(
            TestModel.tickets(25, vocabulary: model.vocabularySize), groupSize: 3,
            parameters: Self.parameters, seed: 4
        ).map { TokenGroup($0) }
        let one = try TestModel.learner(model, image, threads: 1)
        let together = try await one.score(groups, with: .current, temperature: 1)
        let parallel = try await TestModel.learner(model, image, threads: 3).score(
            groups, with: .current, temperature: 1)
        #expect(bits(parallel.logprobs) == bits(together.logprobs))
        #expect(bits(parallel.entropies) == bits(together.entropies))
        guard NumericsFingerprint.isRowInvariant(.float32) else { return }
        var alone: [Float] = []
        for group in groups {
            alone += try await one.score([group], with: .current, temperature: 1).logprobs
        }
        #expect(bits(alone) == bits(together.logprobs))
    }

    @Test(
        "Trained weights are the same bits for any number of threads, and when computed again",
        arguments: TensorType.allCases)
    func training(type: TensorType) async throws {
        let model = try TestModel.even()
        let groups = try await groups(model)
        let image = try TestModel.image(model)
        let options = [
            TrainingOptions(type: type), .init(type: type, gradientCheckpointing: true),
        ]
        var results: [[UInt8]] = []
        for (threads, option) in zip([1, 2, 3, 2], [0, 0, 0, 1]) {
            results.append(
                try await trained(
                    TestModel.learner(model, image, threads: threads, options: options[option]),
                    on: groups))
        }
        #expect(results[0] != image)
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test(
        "Models learned by all threads together have the same bits for any number of them",
        arguments: TensorType.allCases)
    func trainingTogether(type: TensorType) async throws {
        let model = try TestModel.even()
        let groups = try await groups(model)
        let image = try TestModel.image(model)
        let together = TrainingOptions(type: type, parametersMaxPerThread: 0)
        var results: [[UInt8]] = []
        for threads in [1, 2, 3] {
            results.append(
                try await trained(
                    TestModel.learner(model, image, threads: threads, options: together),
                    on: groups))
        }
        #expect(results[1] == results[0] && results[2] == results[0])
        let apart = try await trained(
            TestModel.learner(model, image, options: .init(type: type)), on: groups)
        let (mine, other) = (try Fixture.codec.read(results[0]), try Fixture.codec.read(apart))
        for name in mine.names { #expect(relativeDistance(mine[name], other[name]) < 1e-3) }
    }

    private func groups(_ model: ModelConfiguration) async throws -> [TokenGroup] {
        try await TestModel.sampler(model, TestModel.image(model), threads: 2).sample(
            TestModel.tickets(24, vocabulary: model.vocabularySize), groupSize: 5,
            parameters: Self.parameters, seed: 4
        ).map { TokenGroup($0) }
    }

    /// The weights after two steps.
    private func trained(
        _ learner: TransformerLearner, on groups: [TokenGroup]
    ) async throws -> [UInt8] {
        for _ in 0..<2 {
            let step = try await learner.step(
                on: groups, temperature: 1, learningRate: 1e-3, maxGradNorm: 1
            ) { block, scores in
                BlockGradient(logprobs: scores.logprobs.map { -1 - 0.1 * $0 }, report: block)
            }
            #expect(step.reports.count > 2)
            #expect(step.reports.flatMap { Array($0) } == Array(groups.indices))
        }
        return try await learner.exportWeights()
    }

    @Test("The probe finds products row-invariant or not, the same each time")
    func probe() {
        #expect(NumericsFingerprint.invariance(of: .float32) == ProductInvariance.measured(.float32))
        #expect(NumericsFingerprint.current.contains("kernels="))
    }
}
