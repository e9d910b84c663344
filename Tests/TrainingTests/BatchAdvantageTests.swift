import GRPO
import Ports
import Testing
import Training

@Suite("Advantages of a batch: values, penalties and several rewards") struct BatchAdvantageTests {
    private let one = makeBatch([Scored(2, 1), Scored(3, 0)])

    @Test("A value baseline gives each token the reward less the value before the batch")
    func valueBaseline() async throws {
        // After the first step the head says something else, which only its own loss may see.
        let policy = ScriptedPolicy(
            logprobs: [-1], value: { steps, place in steps == 0 ? Float(place) / 4 : 3 })
        let report = try await train(policy, on: one, iterations: 2) {
            $0.advantage.baseline = .value
            $0.objective.vfCoef = 0.5
        }
        #expect(policy.events == [.scored(.current, 1), .stepped(1), .stepped(1)])
        #expect(report.advantages == [[0.875, -0.25]])  // means over tokens
        let gradient = [-1, -0.75, 0, 0.25, 0.5].map { $0 / 5 }  // −(R − V_t)/N
        #expect(areClose(policy.calls[0].gradient, gradient))
        #expect(areClose(policy.calls[1].gradient, gradient))
        // vf_coef · (V − R) / N
        #expect(areClose(policy.calls[0].valueGradient, [-0.1, -0.075, 0, 0.025, 0.05]))
        #expect(areClose(policy.calls[1].valueGradient, [0.2, 0.2, 0.3, 0.3, 0.3]))
        #expect(report.rewards == [[1, 0]])
    }

    @Test("The value at the prompt's end is one baseline for the whole completion")
    func promptValue() async throws {
        let policy = ScriptedPolicy(logprobs: [-1], value: { _, place in place == 0 ? 0.25 : 9 })
        let report = try await train(policy, on: one) {
            $0.advantage.baseline = .valuePrompt
            $0.objective.vfCoef = 1
            $0.objective.importanceSamplingLevel = .sequence
        }
        #expect(report.advantages == [[0.75, -0.25]])
    }

    @Test("Without a value baseline nothing is scored before the batch")
    func withoutValues() async throws {
        let policy = ScriptedPolicy(logprobs: [-1], value: { _, _ in 9 })
        let report = try await train(policy, on: one) { $0.objective.vfCoef = 0.5 }
        #expect(policy.events == [.stepped(1)])
        #expect(report.advantages == [[0.5, -0.5]])
        #expect(policy.calls[0].valueGradient.allSatisfy { $0 > 0 })
    }

    @Test("The penalty for length enters the advantages, not the rewards that are reported")
    func overlong() async throws {
        let batch = makeBatch([Scored(4, 1), Scored(6, 1)])
        let report = try await train(ScriptedPolicy(logprobs: [-1]), on: batch) {
            $0.run.overlongBuffer = 4  // of 8: from 4 tokens on
        }
        #expect(report.advantages == [[0.25, -0.25]])  // (8 − 4 − 6) / 4 = −1/2
        #expect(report.rewards == [[1, 1]])
        let share = try await train(ScriptedPolicy(logprobs: [-1]), on: batch) {
            $0.run.overlongBuffer = 0.5
            $0.run.overlongPenalty = 2
        }
        #expect(share.advantages == [[0.5, -0.5]])
    }

    @Test("KL in the reward enters the advantages, once for the batch, and leaves the loss alone")
    func divergenceInReward() async throws {
        let batch = makeBatch([Scored(1, 1), Scored(3, 1)])
        func algorithm(_ algorithm: inout AlgorithmSettings) {
            algorithm.objective.beta = 0.1
            algorithm.objective.klEstimator = .k1
            algorithm.objective.klPlacement = .reward
        }
        let policy = ScriptedPolicy(logprobs: [-0.75], referenceLogprob: -1.5)
        let report = try await train(policy, on: batch, iterations: 2, algorithm)
        #expect(policy.events == [.scored(.reference, 1), .stepped(1), .stepped(1)])
        // −β·Σ(ℓ_behavior − ℓ_ref) is −0.05 and −0.15.
        #expect(areClose(report.advantages[0], [0.05, -0.05]))
        #expect(report.rewards == [[1, 1]])
        #expect(report.statistics.allSatisfy { $0.kl == nil && $0.klLoss == 0 })

        let recomputed = ScriptedPolicy(logprobs: [-0.75], referenceLogprob: -1.5)
        let other = try await train(recomputed, on: batch) {
            algorithm(&$0)
            $0.run.proximal = .recomputed
        }
        // The policy before the batch is the recomputed one: 0.75 nats a token, not 0.5.
        #expect(areClose(other.advantages[0], [0.075, -0.075]))
    }

    @Test("Penalties have weight 1, whatever the rewards' weights are")
    func penaltyWeights() async throws {
        let batch = makeBatch([Scored(4, 1, 0), Scored(6, 0, 4)])
        func advantages(_ weights: [Double]) async throws -> [Double] {
            try await train(ScriptedPolicy(logprobs: [-1]), on: batch, weights: weights) {
                $0.run.overlongBuffer = 4
            }.advantages[0]
        }
        #expect(try await advantages([2, 0.5]) == [0.25, -0.25])  // 2 against 2 − 1/2
        #expect(try await advantages([]) == [-1.25, 1.25])  // 1 against 4 − 1/2
    }

    @Test("Weights are applied once also where only their sum is known")
    func sumAlone() async throws {
        var batch = one
        for index in batch[0].completions.indices { batch[0].completions[index].rewards = [] }
        let report = try await train(ScriptedPolicy(logprobs: [-1]), on: batch, weights: [3]) { _ in }
        #expect(report.advantages == [[0.5, -0.5]])
    }

    @Test("A function that does not apply counts nowhere")
    func inapplicable() async throws {
        let batch = makeBatch([Scored(1, 1, nil), Scored(1, 0, 2)])
        let report = try await train(ScriptedPolicy(logprobs: [-1]), on: batch, weights: [1, 0.5]) { _ in }
        #expect(report.advantages == [[0, 0]])
    }

    @Test("Functions are normalised by themselves before they are summed, where that is asked for")
    func normalizeThenSum() async throws {
        let batch = makeBatch([Scored(1, 1, 0), Scored(1, 0, 0)], [Scored(1, 1, 0), Scored(1, 0, 4)])
        let report = try await train(ScriptedPolicy(logprobs: [-1]), on: batch, weights: [2, 0.25]) {
            $0.advantage.aggregation = .normalizeThenSum
            $0.advantage.scaling = .group
        }
        // In units of the normalised reward of a pair: ±2, and ±(2 − 1/4).
        let deviation = ((2 * 4 + 2 * 1.75 * 1.75) / 3.0).squareRoot()
        #expect(areClose(report.advantages[0], [2 / deviation, -2 / deviation], within: 1e-5))
        #expect(areClose(report.advantages[1], [1.75 / deviation, -1.75 / deviation], within: 1e-5))
    }
}
