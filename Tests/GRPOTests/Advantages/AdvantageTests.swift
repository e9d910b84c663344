import GRPO
import Testing

@Suite struct AdvantageTests {
    @Test("The worked vectors come out")
    func workedVectors() throws {
        let winner = try advantages(of: [1, 0, 0, 0])
        for (value, expected) in zip(winner, [1.499997, -0.499999, -0.499999, -0.499999]) {
            #expect(abs(value - expected) < 5e-7)
        }
        let mixed = try advantages(of: [0.2, 0.9, 0.4, 0.5])
        for (value, expected) in zip(mixed, [-1.019046, 1.358728, -0.339682, 0]) {
            #expect(abs(value - expected) < 5e-7)
        }
        let centred = try advantages(of: [0.2, 0.9, 0.4, 0.5], rule: AdvantageRule(scaling: .none))
        for (value, expected) in zip(centred, [-0.3, 0.4, -0.1, 0]) {
            #expect(abs(value - expected) < 1e-15)
        }
        #expect(try advantages(of: [1, 0, 0, 0], rule: .original) == [1.5, -0.5, -0.5, -0.5])
    }

    @Test(
        "Equal rewards give exactly zero advantages, whatever the reward and the rule",
        arguments: [0.1, 0.35, 0.7, 1.0 / 3, 1e6 + 0.1, 0, -2.7, 1e300])
    func constantGroups(reward: Double) throws {
        for size in 2...64 {
            let group = [Double](repeating: reward, count: size)
            for scaling in RewardScaling.allCases {
                for epsilon in [0, 1e-6] {
                    let rule = AdvantageRule(scaling: scaling, epsilon: epsilon)
                    #expect(try advantages(of: group, rule: rule).allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test("A constant group beside a mixed one is still exactly zero under batch scaling")
    func constantInBatch() throws {
        let rule = AdvantageRule(scaling: .batch)
        let values = try advantages(ofBatch: [[0.35, 0.35, 0.35], [1, 0, 0.5]], rule: rule)
        #expect(values[0] == [0, 0, 0])
        #expect(values[1][0] > 0 && values[1][1] < 0 && values[1][2] == 0)
    }

    @Test("Fewer than two rewards are refused", arguments: [[], [0.5]])
    func tooFew(rewards: [Double]) {
        #expect(throws: AdvantageError.tooFewRewards(group: 0, count: rewards.count)) {
            try advantages(of: rewards)
        }
    }

    @Test(
        "A reward that is not finite is refused by its place",
        arguments: [Double.infinity, -.infinity])
    func infiniteReward(value: Double) {
        #expect(throws: AdvantageError.nonFiniteReward(group: 1, index: 2, value: value)) {
            try advantages(ofBatch: [[1, 2], [1, 2, value]])
        }
    }

    @Test("NaN among equal rewards is refused too")
    func notANumber() {
        #expect {
            try advantages(of: [0.5, .nan, 0.5])
        } throws: { error in
            guard case .nonFiniteReward(0, 1, let value)? = error as? AdvantageError else {
                return false
            }
            return value.isNaN
        }
    }

    @Test("Rewards whose sum overflows are refused instead of giving NaN")
    func overflow() {
        #expect(throws: AdvantageError.outOfRange(group: 0)) {
            try advantages(of: [1e308, 1e308, 0])
        }
    }

    @Test("Rewards whose variance underflows are refused by the rule without ε only")
    func underflow() throws {
        #expect(throws: AdvantageError.outOfRange(group: 0)) {
            try advantages(of: [0, 1e-200], rule: .original)
        }
        #expect(try advantages(of: [0, 1e-200]).allSatisfy(\.isFinite))
    }

    @Test("A negative or infinite ε is refused", arguments: [-1e-9, Double.infinity])
    func badEpsilon(epsilon: Double) {
        #expect(throws: AdvantageError.badEpsilon(epsilon)) {
            try advantages(of: [0, 1], rule: AdvantageRule(epsilon: epsilon))
        }
    }

    @Test("An error says which completion and what to do")
    func messages() {
        let text = AdvantageError.nonFiniteReward(group: 3, index: 5, value: .nan).description
        #expect(text.contains("completion 5") && text.contains("group 3") && text.contains("nan"))
        #expect(
            AdvantageError.tooFewRewards(group: 0, count: 1).description.contains("num_generations")
        )
        #expect(AdvantageError.outOfRange(group: 2).description.contains("group 2"))
        #expect(
            AdvantageError.missingReward(group: 0, index: 4).description.contains("completion 4"))
        #expect(AdvantageError.badEpsilon(-1).description.contains("-1"))
    }
}

@Suite struct AdvantageGoldenTests {
    struct Case: Decodable {
        var rewards, cohort, original, batch, none: [Double]
    }

    @Test("Advantages are PyTorch's, for every rule")
    func golden() throws {
        let cases = try fixture("advantage.json", of: Case.self)
        let batch = try advantages(
            ofBatch: cases.map(\.rewards), rule: AdvantageRule(scaling: .batch))
        for (index, value) in cases.enumerated() {
            let none = AdvantageRule(scaling: .none)
            expectClose(try advantages(of: value.rewards), value.cohort)
            expectClose(try advantages(of: value.rewards, rule: .original), value.original)
            expectClose(try advantages(of: value.rewards, rule: none), value.none)
            expectClose(batch[index], value.batch)
        }
    }

    private func expectClose(_ values: [Double], _ expected: [Double]) {
        #expect(values.count == expected.count)
        for (value, expected) in zip(values, expected) {
            #expect(isClose(value, expected, tolerance: 1e-13, scale: 1))
        }
    }
}

@Suite struct AdvantageClaimTests {
    private let groups: [[Double]] = (0..<200).map { seed in
        var random = CounterRandom(seed: UInt64(seed), stream: 7)
        return (0..<Int.random(in: 2...16, using: &random)).map { _ in
            Double.random(in: -3...3, using: &random)
        }
    }

    @Test("Advantages sum to zero and rise with the reward")
    func centred() throws {
        for rewards in groups {
            let values = try advantages(of: rewards)
            #expect(abs(values.reduce(0, +)) < 1e-13 * Double(rewards.count))
            let order = rewards.indices.sorted { rewards[$0] < rewards[$1] }
            #expect(zip(order, order.dropFirst()).allSatisfy { values[$0] <= values[$1] })
        }
    }

    @Test("Adding the same dyadic number to all rewards changes no advantage")
    func offset() throws {
        let rewards = [0, 0.5, 1, 1, 0.25, 0.75, 0, 0.5]
        #expect(try advantages(of: rewards) == advantages(of: rewards.map { $0 + 4 }))
    }

    @Test(
        "A factor changes advantages by no more than ε does, and scales them where nothing divides")
    func scale() throws {
        for rewards in groups {
            let larger = rewards.map { $0 * 8 }
            for (a, b) in zip(try advantages(of: rewards), try advantages(of: larger)) {
                #expect(isClose(a, b, tolerance: 1e-4))
            }
            let none = AdvantageRule(scaling: .none)
            #expect(
                try advantages(of: larger, rule: none)
                    == advantages(of: rewards, rule: none).map { $0 * 8 })
            #expect(
                try advantages(of: larger, rule: .original)
                    == advantages(of: rewards, rule: .original))
        }
    }

    @Test("A better-than-own-mean answer is rewarded although another prompt's mean is higher")
    func relative() throws {
        let values = try advantages(ofBatch: [[0.3, 0.6, 0.3], [0.9, 1, 0.95]])
        #expect(values[0][1] > 0 && values[1][0] < 0)
    }

    @Test("Constancy is equality of all, not a range of means")
    func constancy() {
        #expect(isConstant([0.5, 0.5, 0.5]))
        #expect(!isConstant([0.5, 0.5.nextUp]))
        #expect(!isConstant([.nan, .nan]))
    }
}
