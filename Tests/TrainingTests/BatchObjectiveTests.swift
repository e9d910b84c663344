import Foundation
import GRPO
import Ports
import Testing
import Training

@Suite("What a batch asks of the policy, and its denominators") struct BatchObjectiveTests {
    private let two = makeBatch([Scored(2, 1), Scored(2, 0)], [Scored(3, 1), Scored(3, 0)])
    /// The first group's rewards are equal.
    private let halfConstant = makeBatch([Scored(2, 1), Scored(2, 1)], [Scored(3, 1), Scored(3, 0)])

    @Test("A recomputed proximal policy is scored once for the batch, and ratios are to it")
    func proximal() async throws {
        // Sampled at −1; the weights before the batch say −0.7, and later −0.2.
        let policy = ScriptedPolicy(logprobs: [-0.7, -0.7, -0.2])
        let report = try await train(policy, on: two, iterations: 2, minibatches: 2) {
            $0.run.proximal = .recomputed
        }
        #expect(
            policy.events == [
                .scored(.current, 2), .stepped(1), .stepped(1), .stepped(1), .stepped(1),
            ])
        // Ratio 1 to the proximal policy, although it is e^0.3 to the sampler.
        #expect(areClose(policy.calls[0].gradient, [-0.125, -0.125, 0.125, 0.125]))
        #expect(report.statistics[0].ratioMean == 1)
        #expect(abs(report.statistics[0].samplingRatioMean! - exp(0.3)) < 1e-6)
        // e^0.5 is clipped where A > 0, and weighs A < 0.
        #expect(areClose(policy.calls[2].gradient, [0, 0] + [0.125, 0.125].map { $0 * exp(0.5) }))

        let sampler = ScriptedPolicy(logprobs: [-0.7])
        _ = try await train(sampler, on: two) { _ in }
        #expect(sampler.events == [.stepped(2)])
        #expect(sampler.calls[0].gradient[0] == 0)  // e^0.3 > 1.2
    }

    @Test(
        "Constant groups count in the denominators, or not at all, or for KL only",
        arguments: [
            (.count, 10, 10), (.drop, 6, 6), (.klOnly, 6, 10),
        ] as [(ConstantGroupPolicy, Double, Double)])
    func constantGroups(policy rule: ConstantGroupPolicy, policyTokens: Double, klTokens: Double) async throws {
        let policy = ScriptedPolicy(logprobs: [-1], referenceLogprob: -0.5)
        let report = try await train(policy, on: halfConstant) {
            $0.objective.constantGroups = rule
            $0.objective.beta = 0.1
        }
        let gradient = policy.calls[0].gradient
        let divergence = -0.1 * expm1(0.5) / klTokens
        let constant = rule == .drop ? 0 : divergence
        #expect(areClose(Array(gradient[..<4]), [Double](repeating: constant, count: 4)))
        let expected = [-0.5, 0.5].flatMap {
            [Double](repeating: $0 / policyTokens + divergence, count: 3)
        }
        #expect(areClose(Array(gradient[4...]), expected))
        #expect(report.statistics[0].normalizer == policyTokens)
    }

    @Test("A batch of nothing but constant groups teaches nothing and is no error")
    func onlyConstantGroups() async throws {
        let batch = makeBatch([Scored(2, 1), Scored(2, 1)], [Scored(3, 0), Scored(3, 0)])
        for rule in ConstantGroupPolicy.allCases {
            let policy = ScriptedPolicy(logprobs: [-1])
            let report = try await train(policy, on: batch) { $0.objective.constantGroups = rule }
            #expect(policy.calls[0].gradient.allSatisfy { $0 == 0 })
            #expect(policy.calls[0].gradient.count == 10)
            #expect(report.statistics[0].loss == 0)
        }
    }

    @Test("A penalty that tells completions of equal reward apart makes their group count")
    func penalizedGroupIsNotConstant() async throws {
        let batch = makeBatch([Scored(4, 1), Scored(6, 1)])
        let policy = ScriptedPolicy(logprobs: [-1])
        _ = try await train(policy, on: batch) {
            $0.objective.constantGroups = .drop
            $0.run.overlongBuffer = 4
        }
        #expect(policy.calls[0].gradient.allSatisfy { $0 != 0 })
    }

    @Test("Tokens of high entropy are found by a scoring pass before each optimiser step")
    func topEntropy() async throws {
        let policy = ScriptedPolicy(logprobs: [-1], entropy: { Float($0) })
        _ = try await train(
            policy, on: makeBatch([Scored(4, 1), Scored(4, 0)], [Scored(4, 1), Scored(4, 0)]),
            iterations: 2, minibatches: 2
        ) { $0.objective.topEntropyQuantile = 0.5 }
        let step: [ScriptedPolicy.Event] = [.scored(.current, 1), .stepped(1)]
        #expect(policy.events == step + step + step + step)
        for call in policy.calls {
            #expect(call.gradient.map { $0 != 0 } == [false, false, true, true, false, false, true, true])
        }
    }

    @Test("The exact divergence comes from the step itself, and its gradient goes back there")
    func fullDivergence() async throws {
        let policy = ScriptedPolicy(logprobs: [-1])
        let report = try await train(policy, on: two) {
            $0.objective.klEstimator = .full
            $0.objective.beta = 0.1
        }
        #expect(policy.events == [.stepped(2)])
        #expect(areClose(policy.calls[0].divergenceGradient, [Double](repeating: 0.01, count: 10)))
        #expect(report.statistics[0].kl == Double(ScriptedPolicy.divergence))

        let estimated = ScriptedPolicy(logprobs: [-1])
        _ = try await train(estimated, on: two) { $0.objective.beta = 0.1 }
        #expect(estimated.events == [.scored(.reference, 2), .stepped(2)])
        #expect(estimated.calls[0].divergenceGradient.isEmpty)
    }

    @Test("The reference moves after every so many optimiser steps of the run, where there is one")
    func movingReference() async throws {
        func events(beta: Double) async throws -> [ScriptedPolicy.Event] {
            let policy = ScriptedPolicy(logprobs: [-1])
            _ = try await train(policy, on: two, iterations: 2, minibatches: 2, after: 1) {
                $0.objective.beta = beta
                $0.run.syncRefModel = true
                $0.run.refModelSyncSteps = 3
                $0.run.refModelMixupAlpha = 0.25
            }
            return policy.events
        }
        // Steps 2 to 5 of the run; 3 is a multiple of 3.
        #expect(
            try await events(beta: 0.1) == [
                .scored(.reference, 2), .stepped(1), .stepped(1), .mixed(0.25), .stepped(1),
                .stepped(1),
            ])
        #expect(
            try await events(beta: 0) == [.stepped(1), .stepped(1), .stepped(1), .stepped(1)])
    }

    @Test("Truncated completions count nowhere where they are masked, and are compared all the same")
    func truncated() async throws {
        let batch = makeBatch([Scored(2, 1), Scored(3, 0, isTruncated: true)])
        let policy = ScriptedPolicy(logprobs: [-1])
        let report = try await train(policy, on: batch) { $0.objective.maskTruncatedCompletions = true }
        #expect(areClose(policy.calls[0].gradient, [-0.25, -0.25, 0, 0, 0]))
        #expect(report.statistics[0].normalizer == 2)
        #expect(report.advantages == [[0.5, -0.5]] && report.terminated == [true, false])
        let counted = ScriptedPolicy(logprobs: [-1])
        _ = try await train(counted, on: batch) { _ in }
        #expect(areClose(counted.calls[0].gradient, [-0.1, -0.1, 0.1, 0.1, 0.1]))
    }

    @Test("An entropy bonus has a gradient by each token's entropy")
    func entropy() async throws {
        let policy = ScriptedPolicy(logprobs: [-1])
        _ = try await train(policy, on: two) { $0.objective.entropyCoef = 0.5 }
        #expect(areClose(policy.calls[0].entropyGradient, [Double](repeating: -0.05, count: 10)))
    }
}
