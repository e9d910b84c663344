import GRPO
import Ports
import Testing
import Training

@Suite struct TrainingStepTests {
    private func recipe(
        iterations: Int = 1, minibatches: Int = 1, beta: Double = 0
    ) -> TrainingRecipe {
        var algorithm = AlgorithmSettings()
        algorithm.objective.beta = beta
        return TrainingRecipe(
            algorithm: algorithm,
            schedule: LearningRateSchedule(
                kind: .linear, peak: 1, warmupSteps: 0, totalSteps: 10),
            maxGradNorm: 0.5, temperature: 0.7, maxCompletionLength: 16,
            numIterations: iterations, stepsPerGeneration: minibatches)
    }

    /// Groups of two completions of `lengths` tokens; the first of each is rewarded.
    private func batch(_ lengths: [[Int]]) -> [Group] {
        lengths.enumerated().map { ordinal, lengths in
            var group = answer(makeTicket(ordinal: UInt64(ordinal), prompt: [Int32(ordinal)]))
            for (index, length) in lengths.enumerated() {
                group.completions[index] = makeCompletion(
                    tokens: [Int32](repeating: 3, count: length), reward: index == 0 ? 1 : 0)
            }
            return group
        }
    }

    @Test("A batch is cut into minibatches of consecutive whole groups, as equal as possible")
    func minibatches() async throws {
        for (groups, cuts, sizes) in [
            (4, 1, [4]), (4, 2, [2, 2]), (4, 4, [1, 1, 1, 1]), (5, 2, [2, 3]), (7, 3, [2, 2, 3]),
            (2, 5, [1, 1]),
        ] {
            let policy = ScriptedPolicy(logprobs: [-1])
            let batch = batch([[Int]](repeating: [2, 2], count: groups))
            let report = try await TrainingStep(recipe: recipe(minibatches: cuts), batch: batch)
                .run(on: policy, optimizerSteps: 0)
            #expect(policy.calls.map(\.groups.count) == sizes)
            #expect(policy.calls.flatMap { $0.groups.map(\.prompt) } == batch.map(\.prompt))
            #expect(report.optimizerSteps == sizes.count && report.statistics.count == sizes.count)
        }
    }

    @Test("Iterations go over the same minibatches again, each an optimiser step with its own rate")
    func iterations() async throws {
        let policy = ScriptedPolicy(logprobs: [-1])
        let report = try await TrainingStep(
            recipe: recipe(iterations: 3, minibatches: 2),
            batch: batch([[1, 1], [2, 2], [3, 3], [4, 4]])
        ).run(on: policy, optimizerSteps: 2)
        #expect(policy.calls.count == 6 && report.optimizerSteps == 6)
        #expect(policy.calls.map { $0.groups[0].prompt[0] } == [0, 2, 0, 2, 0, 2])
        for (index, call) in policy.calls.enumerated() {
            #expect(abs(call.learningRate - (1 - Double(2 + index) / 10)) < 1e-15)
            #expect(call.temperature == 0.7 && call.maxGradNorm == 0.5)
        }
        #expect(report.learningRate == policy.calls[5].learningRate)
        #expect(report.gradNorm == 3.5)  // the mean of 1 ... 6
        #expect(recipe(iterations: 3, minibatches: 2).optimizerStepsPerBatch == 6)
    }

    @Test("The normaliser is the number of tokens of the minibatch, not of a group or the batch")
    func normaliser() async throws {
        let policy = ScriptedPolicy(logprobs: [-1])
        let report = try await TrainingStep(
            recipe: recipe(minibatches: 2), batch: batch([[1, 2], [3, 4], [1, 1], [2, 2]])
        ).run(on: policy, optimizerSteps: 0)
        #expect(report.statistics.map(\.normalizer) == [10, 6])
        // On-policy: −A/N for every token; A = ±0.5/(√0.5 + 1e-6).
        let advantage = 0.5 / (0.5.squareRoot() + 1e-6)
        let expected = [-1, 1, 1, -1, -1, -1, 1, 1, 1, 1].map { Float($0 * advantage / 10) }
        #expect(policy.calls[0].gradient.count == 10)
        for (value, expected) in zip(policy.calls[0].gradient, expected) {
            #expect(abs(value - expected) < 1e-7)
        }
        #expect(policy.calls[1].gradient.allSatisfy { abs(abs($0) - Float(advantage / 6)) < 1e-7 })
    }

    @Test(
        "Ratios come from the stored log-probabilities in every pass, so the clip acts when the policy moved"
    )
    func clip() async throws {
        // Stored: −1. The policy moves up by 0.5 nats after the first step: ratio e^0.5 > 1.2.
        let policy = ScriptedPolicy(logprobs: [-1, -0.5])
        let report = try await TrainingStep(recipe: recipe(iterations: 2), batch: batch([[1, 1]]))
            .run(on: policy, optimizerSteps: 0)
        #expect(report.statistics[0].ratioMin == 1 && report.statistics[0].ratioMax == 1)
        #expect(report.statistics[0].clipRatioRegionMean == 0)
        #expect(policy.calls[0].gradient[0] < 0 && policy.calls[0].gradient[1] > 0)
        #expect(abs(report.statistics[1].ratioMean! - 1.6487212707) < 1e-7)
        #expect(report.statistics[1].clipRatioHighMean == 0.5)
        #expect(policy.calls[1].gradient[0] == 0)  // A > 0 and above the bound: clipped
        #expect(policy.calls[1].gradient[1] > 0)  // A < 0: not clipped above
    }

    @Test("A policy that is off from the first step is clipped in the first step")
    func staleBatch() async throws {
        let policy = ScriptedPolicy(logprobs: [-2])  // ratio e⁻¹
        let report = try await TrainingStep(recipe: recipe(), batch: batch([[1, 1]]))
            .run(on: policy, optimizerSteps: 0)
        #expect(abs(report.statistics[0].ratioMean! - 0.3678794412) < 1e-7)
        #expect(policy.calls[0].gradient[0] < 0 && policy.calls[0].gradient[1] == 0)
    }

    @Test("The reference scores the whole batch once, and only where β is not 0")
    func reference() async throws {
        let without = ScriptedPolicy(logprobs: [-1])
        let batch = batch([[1, 2], [3, 1]])
        _ = try await TrainingStep(recipe: recipe(iterations: 2, minibatches: 2), batch: batch)
            .run(on: without, optimizerSteps: 0)
        #expect(without.referenceCalls.isEmpty)

        let with = ScriptedPolicy(logprobs: [-1], referenceLogprob: -0.5)
        let report = try await TrainingStep(
            recipe: recipe(iterations: 2, minibatches: 2, beta: 0.1), batch: batch
        ).run(on: with, optimizerSteps: 0)
        #expect(with.referenceCalls == [batch.map(TokenGroup.init)])
        let k3 = 0.6487212707 - 0.5  // e^x − 1 − x at x = 0.5
        for statistics in report.statistics { #expect(abs(statistics.kl! - k3) < 1e-7) }
    }

    @Test("The report holds rewards, lengths, ends and advantages in the order of the batch")
    func report() async throws {
        var batch = batch([[1, 2], [3, 4]])
        batch[1].completions[0].finishReason = .length
        batch[1].completions[0].reward = 0
        let report = try await TrainingStep(recipe: recipe(), batch: batch)
            .run(on: ScriptedPolicy(logprobs: [-1]), optimizerSteps: 0)
        #expect(report.rewards == [[1, 0], [0, 0]])
        #expect(report.lengths == [1, 2, 3, 4])
        #expect(report.terminated == [true, true, false, true])
        #expect(report.advantages[1] == [0, 0])  // a constant group
        #expect(
            report.advantages[0][0] > 0.7 && report.advantages[0][0] == -report.advantages[0][1])
        #expect(report.batch == batch)
    }

    @Test("Unscored groups, and gradients that are not finite, end the step with their errors")
    func failures() async throws {
        #expect(throws: AdvantageError.self) {
            try TrainingStep(
                recipe: recipe(), batch: [answer(makeTicket(ordinal: 0), rewards: [1, nil])])
        }
        let policy = ScriptedPolicy(logprobs: [-1], failure: NonFiniteGradient())
        await #expect(throws: NonFiniteGradient.self) {
            try await TrainingStep(recipe: recipe(), batch: batch([[1, 1]]))
                .run(on: policy, optimizerSteps: 0)
        }
        await #expect(throws: ObjectiveError.self) {
            try await TrainingStep(recipe: recipe(), batch: batch([[1, 1]]))
                .run(on: ScriptedPolicy(logprobs: [.nan]), optimizerSteps: 0)
        }
    }

    @Test("A supervised step weighs every token alike and reports nats per token")
    func supervised() async throws {
        let policy = ScriptedPolicy(logprobs: [-1.5])
        let examples = [
            TokenGroup(prompt: [1], completions: [[1, 2, 3]]),
            TokenGroup(prompt: [2], completions: [[4]]),
        ]
        let outcome = try await supervisedStep(
            on: examples, policy: policy, learningRate: 0.25, maxGradNorm: 2)
        #expect(outcome.loss == 1.5 && outcome.gradNorm == 1)
        #expect(policy.calls[0].gradient == [-0.25, -0.25, -0.25, -0.25])
        #expect(policy.calls[0].temperature == 1 && policy.calls[0].learningRate == 0.25)
        #expect(policy.calls[0].groups == examples)
    }
}
