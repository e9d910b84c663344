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

    /// 20 tickets of 5 completions: more sequences than one thread decodes at once.
    @Test(
        "Log-probabilities from decoding and from the learner are the same bits",
        .enabled(if: NumericsFingerprint.isRowInvariant(.float32)), arguments: Widths.allCases, [1, 2])
    func sameBits(widths: Widths, threads: Int) async throws {
        let model = try widths == .even ? TestModel.even() : TestModel.uneven()
        let image = try TestModel.image(model)
        let tickets = TestModel.tickets(20, vocabulary: model.vocabularySize)
        let groups = try await TestModel.sampler(model, image, threads: threads).sample(
            tickets, groupSize: 5, parameters: Self.parameters, seed: 9)
        let sampled = groups.flatMap { $0.completions.flatMap(\.behaviorLogprobs) }
        let lengths = Set(groups.flatMap { $0.completions.map(\.tokens.count) })
        #expect(sampled.count > 1000)
        #expect(lengths.count > 5)
        #expect(sampled.allSatisfy { $0 < 0 && $0.isFinite })
        let learner = try TestModel.learner(model, image, threads: 3 - threads)
        let reversed = Array(groups.reversed())
        let scores = try await learner.score(
            reversed.map { TokenGroup($0) }, with: .current, temperature: 0.8)
        let expected = reversed.flatMap { $0.completions.flatMap(\.behaviorLogprobs) }
        #expect(bits(scores.logprobs) == bits(expected))
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

    @Test("Trained weights are the same bits for any number of threads")
    func training() async throws {
        let model = try TestModel.even()
        let image = try TestModel.image(model)
        let groups = try await TestModel.sampler(model, image, threads: 2).sample(
            TestModel.tickets(24, vocabulary: model.vocabularySize), groupSize: 5,
            parameters: Self.parameters, seed: 4
        ).map { TokenGroup($0) }
        var results: [[UInt8]] = []
        for threads in [1, 2, 3] {
            let learner = try TestModel.learner(model, image, threads: threads)
            for _ in 0..<2 {
                let step = try await learner.step(
                    on: groups, temperature: 1, learningRate: 1e-3, maxGradNorm: 1
                ) { block, scores in
                    BlockGradient(gradient: scores.logprobs.map { -1 - 0.1 * $0 }, report: block)
                }
                #expect(step.reports.count > 2)
                #expect(step.reports.flatMap { Array($0) } == Array(groups.indices))
            }
            results.append(try await learner.exportWeights())
        }
        #expect(results[0] != image)
        #expect(results[1] == results[0])
        #expect(results[2] == results[0])
    }

    @Test("The probe finds products row-invariant or not, the same each time")
    func probe() {
        #expect(NumericsFingerprint.invariance(of: .float32) == ProductInvariance.measured(.float32))
        #expect(NumericsFingerprint.current(.float32).contains("dtype=f32"))
    }
}
