import GRPO
import Testing

/// A rule's advantages for two groups, by hand.
struct WorkedRule: Sendable {
    var users: String
    var winner, mixed: [Double]
}

@Suite struct KnownRuleTests {
    private static let worked = [
        WorkedRule(
            users: "TRL, torchforge", winner: [1.499700, -0.499900],
            mixed: [-1.018703, 1.358271, -0.339568, 0]),
        WorkedRule(
            users: "Cohort, verl, slime, SkyRL, ROLL", winner: [1.499997, -0.499999],
            mixed: [-1.019046, 1.358728, -0.339682, 0]),
        WorkedRule(
            users: "OpenRLHF", winner: [1.5, -0.5], mixed: [-1.019049, 1.358732, -0.339683, 0]),
        WorkedRule(
            users: "TRL async, open-instruct", winner: [1.732051, -0.577350],
            mixed: [-1.176697, 1.568929, -0.392232, 0]),
        WorkedRule(
            users: "ART", winner: [1.732047, -0.577349],
            mixed: [-1.176692, 1.568923, -0.392231, 0]),
        WorkedRule(
            users: "mlx-lm-lora", winner: [1.731651, -0.577217],
            mixed: [-1.176235, 1.568314, -0.392078, 0]),
        WorkedRule(
            users: "prime-rl, Dr. GRPO", winner: [0.75, -0.25], mixed: [-0.3, 0.4, -0.1, 0]),
        WorkedRule(
            users: "RLOO", winner: [1, -0.333333], mixed: [-0.4, 0.533333, -0.133333, 0]),
        WorkedRule(
            users: "PipelineRL with deviation", winner: [1.999600, -0.666533],
            mixed: [-1.358271, 1.811028, -0.452757, 0]),
        WorkedRule(
            users: "NeMo-RL", winner: [1, -0.577349], mixed: [-1.511852, 3.491463, -0.379662, 0]),
        WorkedRule(
            users: "MaxRL (prime-rl, open-instruct)", winner: [3, -1],
            mixed: [-0.6, 0.8, -0.2, 0]),
    ]

    private func rule(_ users: String) throws -> AdvantageRule {
        try #require(KnownRule.all.first { $0.users == users }).rule
    }

    @Test("Each rule of the field gives its own advantages", arguments: worked)
    func vectors(worked: WorkedRule) throws {
        let rule = try rule(worked.users)
        let winner = try advantages(of: [1, 0, 0, 0], rule: rule)
        for (value, expected) in zip(winner, worked.winner + [worked.winner[1], worked.winner[1]]) {
            #expect(abs(value - expected) < 5e-7)
        }
        let mixed = try advantages(of: [0.2, 0.9, 0.4, 0.5], rule: rule)
        for (value, expected) in zip(mixed, worked.mixed) { #expect(abs(value - expected) < 5e-7) }
    }

    @Test("Only the leave-one-out deviation breaks the zero sum")
    func zeroSum() throws {
        for known in KnownRule.all {
            let sum = try advantages(of: [0.2, 0.9, 0.4, 0.5], rule: known.rule).reduce(0, +)
            #expect((abs(sum) > 1e-9) == (known.rule.divisor == .leaveOneOut), "\(known.formula)")
        }
        let nemo = try advantages(of: [0.2, 0.9, 0.4, 0.5], rule: rule("NeMo-RL")).reduce(0, +)
        #expect(abs(nemo - 1.600) < 5e-4)
    }

    @Test("The deviation's floor bounds what nearly equal rewards get")
    func floor() throws {
        let rule = try rule("verl, vectorised")
        let values = try advantages(of: [0.5, 0.5 + 1e-9], rule: rule)
        #expect(abs(values[0]) < 1e-6)
        // √1e-6 + 1e-6.
        #expect(isClose(values[1], 0.5e-9 / (1e-3 + 1e-6), tolerance: 1e-6))
    }

    @Test("ε inside the root, beside it, and nowhere without a deviation")
    func places() throws {
        let rewards = [1.0, 0, 0, 0]
        let inside = AdvantageRule(epsilon: 0.01, epsilonPlace: .inside)
        #expect(isClose(try advantages(of: rewards, rule: inside)[0], 0.75 / 0.26.squareRoot()))
        let nonzero = AdvantageRule(
            epsilon: 0.1, epsilonPlace: .nonzero, constantGroups: .residue)
        #expect(isClose(try advantages(of: rewards, rule: nonzero)[0], 0.75 / 0.6))
        #expect(try advantages(of: [0.5, 0.5], rule: nonzero) == [0, 0])
    }

    @Test("A batch's mean and deviation are those of all its groups")
    func batch() throws {
        let rule = AdvantageRule(baseline: .batchMean, scaling: .batch, epsilon: 0)
        let values = try advantages(ofBatch: [[1, 0], [0, 0]], rule: rule)
        #expect(values == [[1.5, -0.5], [-0.5, -0.5]])
    }
}
