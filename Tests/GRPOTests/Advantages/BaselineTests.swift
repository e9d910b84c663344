import GRPO
import Testing

@Suite struct BaselineTests {
    /// Rules that compare completions with their own group.
    private static let comparing: [AdvantageRule] = RewardScaling.allCases.flatMap { scaling in
        DeviationDivisor.allCases.flatMap { divisor in
            EpsilonPlace.allCases.flatMap { place in
                [AdvantageBaseline.mean, .leaveOneOut].map {
                    AdvantageRule(
                        baseline: $0, scaling: scaling, divisor: divisor, epsilonPlace: place)
                }
            }
        }
    }

    @Test(
        "A constant group is exactly zero under every rule that compares inside the group",
        arguments: [0.1, 0.35, 0.7, 1.0 / 3, 1e6 + 0.1])
    func constantGroups(reward: Double) throws {
        for size in 2...64 {
            let group = [Double](repeating: reward, count: size)
            for rule in Self.comparing {
                #expect(try advantages(of: group, rule: rule).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("Where the residue stays, ε bounds it; the default removes it")
    func residue() throws {
        let group = [Double](repeating: 0.1, count: 3)
        let rule = AdvantageRule(epsilon: 1e-17, constantGroups: .residue)
        let kept = try advantages(of: group, rule: rule)
        #expect(kept.contains { $0 != 0 })
        #expect(try advantages(of: group, rule: AdvantageRule(epsilon: 1e-17)) == [0, 0, 0])
    }

    @Test("One completion alone: refused, its own reward, or zero")
    func single() throws {
        #expect(throws: AdvantageError.tooFewRewards(group: 0, count: 1)) {
            try advantages(of: [0.7])
        }
        let own = AdvantageRule(epsilon: 0.25, singleGeneration: .reward)
        #expect(try advantages(of: [0.75], rule: own) == [0.6])
        let unscaled = AdvantageRule(scaling: .none, singleGeneration: .reward)
        #expect(try advantages(of: [0.75], rule: unscaled) == [0.75])
        #expect(try advantages(of: [0.7], rule: AdvantageRule(singleGeneration: .zero)) == [0])
        let raw = AdvantageRule(baseline: .none, scaling: .none)
        #expect(try advantages(of: [0.7], rule: raw) == [0.7])
    }

    @Test("Without a baseline the advantage is the reward, in a constant group too")
    func raw() throws {
        let rule = AdvantageRule(baseline: .none, scaling: .none)
        #expect(try advantages(of: [1, 0, 0.5], rule: rule) == [1, 0, 0.5])
        #expect(try advantages(of: [0.5, 0.5], rule: rule) == [0.5, 0.5])
        // Nothing to divide by: ε alone would blow the reward up.
        #expect(
            try advantages(of: [0.5, 0.5], rule: AdvantageRule(baseline: .none)) == [0.5, 0.5])
    }

    @Test("A learned value gives an advantage per token, at the prompt one per completion")
    func values() throws {
        let group = GroupRewards([1, 0.25], values: [[0.5, 0.75], [0.25]])
        let tokens = try advantages(
            ofBatch: [group], weights: [], rule: AdvantageRule(baseline: .value))
        #expect(tokens == [[.tokens([0.5, 0.25]), .tokens([0])]])
        let prompt = try advantages(
            ofBatch: [group], weights: [], rule: AdvantageRule(baseline: .valuePrompt))
        #expect(prompt == [[.whole(0.5), .whole(0)]])
        #expect(tokens[0][0].value == nil && prompt[0][0].perToken(count: 2) == [0.5, 0.5])
    }

    @Test("A missing or non-finite value is refused by its completion")
    func badValues() {
        let rule = AdvantageRule(baseline: .valuePrompt)
        #expect(throws: AdvantageError.missingValues(group: 0, index: 1)) {
            try advantages(
                ofBatch: [GroupRewards([1, 0], values: [[0.5]])], weights: [], rule: rule)
        }
        #expect(throws: AdvantageError.nonFiniteValue(group: 0, index: 0, value: .infinity)) {
            try advantages(
                ofBatch: [GroupRewards([1, 0], values: [[.infinity], [0]])], weights: [],
                rule: rule)
        }
    }

    @Test("Rewards around a mean that is not above zero have no mean-divided advantage")
    func negativeMean() throws {
        let rule = AdvantageRule(scaling: .mean, epsilon: 0)
        #expect(try advantages(of: [-1, 0], rule: rule) == [0, 0])
        #expect(try advantages(of: [1, 0], rule: rule) == [1, -1])
    }
}

@Suite struct SeveralRewardTests {
    private let group = GroupRewards(rewards: [[1, 0], [0, nil], [0.5, 2], [nil, nil]])

    @Test("Weighted sums leave out what does not apply")
    func totals() {
        #expect(group.totals(weights: [2, 0.5]) == [2, 0, 2, nil])
        #expect(group.totals(weights: []) == [1, 0, 2.5, nil])
    }

    @Test("A completion to which nothing applies gets 0 and stays out of the baseline")
    func unscorable() throws {
        let rule = AdvantageRule(scaling: .none)
        let values = try advantages(ofBatch: [group], weights: [2, 0.5], rule: rule)[0]
        let mean = 4.0 / 3
        #expect(values.map(\.value) == [2 - mean, 0 - mean, 2 - mean, 0])
    }

    @Test("Normalising first makes functions of different scale weigh the same")
    func normalizeFirst() throws {
        let rule = AdvantageRule(epsilon: 0, aggregation: .normalizeThenSum)
        let group = GroupRewards(rewards: [[1, 0], [0, 1000], [1, 0], [0, 1000]])
        let values = try advantages(ofBatch: [group], weights: [], rule: rule)[0]
        #expect(values == [.whole(0), .whole(0), .whole(0), .whole(0)])
        let weighted = try advantages(ofBatch: [group], weights: [3, 1], rule: rule)[0]
        #expect(weighted[0].value! > 0.8 && weighted[1].value! < -0.8)
    }

    @Test("Groups that say nothing are exactly zero also after normalising first")
    func constant() throws {
        let rule = AdvantageRule(aggregation: .normalizeThenSum)
        let flat = GroupRewards(rewards: [[0.1, 0.7], [0.1, 0.7], [0.1, 0.7]])
        let varied = GroupRewards(rewards: [[0.1, 0.3], [0.4, 0.9], [0.2, 0.1]])
        let values = try advantages(ofBatch: [flat, varied], weights: [0.3, 0.6], rule: rule)
        #expect(values[0].allSatisfy { $0 == .whole(0) })
        #expect(values[1].allSatisfy { $0 != .whole(0) })
    }

    @Test("Only group means can be normalised before the sum")
    func unsupported() {
        let rule = AdvantageRule(baseline: .none, aggregation: .normalizeThenSum)
        #expect(throws: AdvantageError.unsupportedBaseline(.none)) {
            try advantages(ofBatch: [group], weights: [], rule: rule)
        }
    }

    @Test("A list of another length is refused by its completion")
    func wrongCount() {
        let group = GroupRewards(rewards: [[1, 0], [1]])
        #expect(
            throws: AdvantageError.wrongRewardCount(group: 0, index: 1, count: 1, expected: 2)
        ) { try advantages(ofBatch: [group], weights: []) }
        #expect(throws: AdvantageError.self) {
            try advantages(ofBatch: [GroupRewards([1, 0])], weights: [1, 2])
        }
    }
}

@Suite struct GroupCheckTests {
    @Test("A group of wrong size or of several prompts is refused")
    func checks() throws {
        try requireGroup(2, prompts: [7, 7, 7], expected: 3)
        #expect(throws: AdvantageError.wrongGroupSize(group: 2, count: 2, expected: 3)) {
            try requireGroup(2, prompts: [7, 7], expected: 3)
        }
        #expect(throws: AdvantageError.mixedPrompts(group: 2, index: 1)) {
            try requireGroup(2, prompts: [7, 8, 7], expected: 3)
        }
    }

    @Test("Messages name the completion and the group")
    func messages() {
        let errors: [AdvantageError] = [
            .mixedPrompts(group: 2, index: 1), .missingValues(group: 2, index: 1),
            .nonFiniteValue(group: 2, index: 1, value: .nan),
            .wrongRewardCount(group: 2, index: 1, count: 3, expected: 2),
        ]
        for error in errors {
            #expect(error.description.contains("completion 1 in group 2"))
        }
        let size = AdvantageError.wrongGroupSize(group: 2, count: 3, expected: 4).description
        #expect(size.contains("group 2 has 3") && size.contains("4"))
        #expect(AdvantageError.unsupportedBaseline(.value).description.contains("value"))
    }
}
