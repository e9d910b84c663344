import GRPO
import Testing

@Suite struct RewardShapingTests {
    @Test("The overlong penalty is 0, then falls over the buffer to −1, and stops there or not")
    func overlong() {
        let bounded = OverlongPenalty(maxLength: 16, buffer: 4)
        let unbounded = OverlongPenalty(maxLength: 16, buffer: 4, isBounded: false)
        let expected = [(0, 0.0), (12, 0), (13, -0.25), (14, -0.5), (16, -1)]
        for (length, penalty) in expected {
            #expect(bounded.penalty(length: length) == penalty)
            #expect(unbounded.penalty(length: length) == penalty)
        }
        #expect(bounded.penalty(length: 20) == -1 && unbounded.penalty(length: 20) == -2)
        #expect(OverlongPenalty(maxLength: 16, buffer: 0).penalty(length: 99) == 0)
        #expect(OverlongPenalty(maxLength: 16, buffer: 4, factor: 0.5).penalty(length: 14) == -0.25)
    }

    @Test("A share of the limit is a buffer of tokens")
    func share() {
        var run = SurroundingSettings()
        #expect(run.overlong(maxLength: 20) == nil)
        run.overlongBuffer = 0.2
        #expect(run.overlong(maxLength: 20)?.buffer == 4)
        run.overlongBuffer = 7
        #expect(run.overlong(maxLength: 20)?.buffer == 7)
    }

    @Test("KL in the reward subtracts β times the sum over the tokens that count")
    func divergence() {
        var configuration = ObjectiveConfiguration(beta: 0.5)
        configuration.klEstimator = .k1
        let reward = penalizedReward(
            1, logprobs: [-1, -2, .nan], reference: [-1.5, -4, 0], mask: [true, true, false],
            configuration: configuration)
        // ℓ − ℓ_ref: 0.5 + 2.
        #expect(reward == 1 - 0.5 * 2.5)
        configuration.klEstimator = .k2
        configuration.klLevel = .sequence
        let whole = penalizedReward(
            0, logprobs: [-1, -2], reference: [-1.5, -4], configuration: configuration)
        #expect(whole == -0.5 * 0.5 * 2.5 * 2.5)
    }
}
