import GRPO
import Ports
import Testing
import Training

@Suite("Rewards of several functions") struct RewardValidationTests {
    private func group(_ rewards: [[Double?]], sums: [Double?]? = nil) -> Group {
        var group = answer(makeTicket(ordinal: 3), rewards: sums ?? rewards.map { _ in 1 })
        for index in rewards.indices { group.completions[index].rewards = rewards[index] }
        return group
    }

    private let two = RewardValidation(names: ["right", "brief"])

    @Test("Sound rewards pass, also where a function does not apply")
    func sound() {
        #expect(two.defect(of: group([[1, 0], [nil, -2]])) == nil)
        #expect(RewardValidation(names: ["right"]).defect(of: group([[1], [0]])) == nil)
    }

    @Test("A sum alone is enough where there is one function, and only there")
    func sumAlone() {
        #expect(RewardValidation(names: ["right"]).defect(of: group([[], []])) == nil)
        #expect(RewardValidation().defect(of: group([[], []])) == nil)
        #expect(
            two.defect(of: group([[], []]))
                == "completion 0 (pass 0, prompt 3, attempt 0) has 0 rewards for the 2 reward functions "
                + "right, brief")
    }

    @Test(
        "A defect names function and completion",
        arguments: [
            ([[1, 0], [1, .nan]], "the reward \"brief\" of completion 1 (pass 0, prompt 3, attempt 0) is nan"),
            ([[-.infinity, 0], [1, 1]], "the reward \"right\" of completion 0 (pass 0, prompt 3, attempt 0) is -inf"),
            ([[1, 0], [nil, nil]], "no reward function applies to completion 1 (pass 0, prompt 3, attempt 0)"),
            ([[1, 0], [1]], "completion 1 (pass 0, prompt 3, attempt 0) has 1 rewards for the 2 reward functions right, brief"),
        ] as [([[Double?]], String)])
    func defects(_ rewards: [[Double?]], _ expected: String) {
        #expect(two.defect(of: group(rewards)) == expected)
    }

    @Test("A sum that overflows is a defect too")
    func overflow() {
        let overflown = group([[1, 0], [1, 1]], sums: [1, .infinity])
        #expect(two.defect(of: overflown)?.hasSuffix("is inf") == true)
    }

    @Test("A group that could not be scored is dropped with its cause, and its prompt comes again")
    func scoringFailure() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        let actions = script.push(1, rewards: [nil, nil]) { $0.scoringFailure = "the judge fell" }
        #expect(actions.verdicts == [.dropped(.rewardFailed)])
        #expect(actions.notes == ["pass 0, prompt 0, attempt 0 could not be scored: the judge fell"])
        #expect(actions.abortReason == nil)
        #expect(actions.grantedTickets.map(\.key.attempt) == [1])
        #expect(script.state.accounting.dropped == ["reward_failed": 1])
    }

    @Test("Where program failures abort, the first one does")
    func abort() {
        var script = LearnerScript(makeSetup(abortsOnRewardFailure: true))
        _ = script.join(alice, slots: 2)
        let actions = script.push(1, rewards: [nil, nil]) { $0.scoringFailure = "the judge fell" }
        #expect(actions.abortReason?.contains("the judge fell, and on_program_failure is abort") == true)
    }

    @Test("A prompt that can never be scored ends the run at the third attempt")
    func attemptsLimit() {
        var script = LearnerScript(makeSetup())
        _ = script.join(alice, slots: 2)
        var lease: Lease.ID = 1
        for attempt in 1...3 {
            let actions = script.push(lease, rewards: [nil, nil]) { $0.scoringFailure = "the judge fell" }
            #expect((actions.abortReason != nil) == (attempt == 3))
            lease = script.tickets.keys.max()!
        }
    }
}
