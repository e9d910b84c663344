import Foundation
import GRPO
import Testing
import cohort

private let task = TableTask.sums(base: 3)

private var policy: TablePolicy {
    var policy = TablePolicy(task)
    for index in policy.logits.indices { policy.logits[index] = sin(Double(index)) }
    return policy
}

@Suite("The policy that is a table") struct TablePolicyTests {
    @Test("Probabilities of all completions of a prompt add up to 1")
    func normalised() {
        let logprobs = policy.logprobs()
        for prompt in 0..<task.promptCount {
            var sum = 0.0
            logprobs.forEachCompletion(prompt: prompt) { sum += $1 }
            #expect(abs(sum - 1) < 1e-12)
        }
    }

    @Test("A right answer earns 1, a prefix its share, and what follows a wrong token nothing")
    func rewards() {
        for (prompt, answer) in TableTask.answers(base: 3).enumerated() {
            #expect(task.reward(prompt, answer) == 1)
            #expect(task.reward(prompt, Array(answer.prefix(2))) == 2.0 / 3)
            #expect(task.reward(prompt, [answer[0] % 3 + 1] + answer.dropFirst()) == 0)
        }
    }

    @Test("The exact policy gradient is the slope of the expected reward")
    func gradient() {
        let (task, policy) = (task.only(prompt: 2), policy.only(prompt: 2))
        let gradient = policy.logprobs().rewardGradient(task, prompt: 0)
        for index in gradient.indices {
            func reward(_ shift: Double) -> Double {
                var moved = policy
                moved.logits[index] += shift
                return moved.logprobs().expectation(of: task.reward)
            }
            let slope = (reward(1e-5) - reward(-1e-5)) / 2e-5
            #expect(abs(gradient[index] - slope) < 1e-9)
        }
    }

    @Test("Samples come as often as their probability says, with their log-probabilities")
    func sampling() {
        let logprobs = policy.logprobs()
        var counts: [[Int32]: Int] = [:]
        for step in 0..<2000 {
            let group = task.group(from: logprobs, prompt: 1, groupSize: 4, seed: 1, step: UInt32(step))
            for completion in group.completions {
                counts[completion.tokens, default: 0] += 1
                #expect(
                    completion.behaviorLogprobs.map { Double($0) }
                        == logprobs.rounded(
                            rows: policy.rows(prompt: 1, tokens: completion.tokens),
                            tokens: completion.tokens))
            }
        }
        logprobs.forEachCompletion(prompt: 1) { tokens, probability in
            let share = Double(counts[tokens] ?? 0) / 8000
            #expect(abs(share - probability) < 5 * (probability / 8000).squareRoot() + 1e-3)
        }
    }

    @Test("Divergence is 0 from itself and grows with the distance")
    func divergence() {
        let start = TablePolicy(task).logprobs()
        var (near, far) = (policy, policy)
        for index in near.logits.indices { near.logits[index] *= 0.5 }
        for index in far.logits.indices { far.logits[index] *= 2 }
        #expect(start.divergence(from: start) == 0)
        #expect(near.logprobs().divergence(from: start) > 0)
        #expect(far.logprobs().divergence(from: start) > near.logprobs().divergence(from: start))
    }

    @Test("The gradient of the exact divergence in a state is the slope of its value")
    func divergenceGradient() {
        let reference = TablePolicy(task).logprobs()
        let width = task.vocabulary
        var gradient = [Double](repeating: 0, count: policy.logits.count)
        policy.logprobs().addDivergenceGradient(from: reference, row: 3, coefficient: 2, to: &gradient)
        for index in policy.logits.indices {
            func divergence(_ shift: Double) -> Double {
                var moved = policy
                moved.logits[index] += shift
                return moved.logprobs().divergence(from: reference, row: 3)
            }
            let slope = 2 * (divergence(1e-5) - divergence(-1e-5)) / 2e-5
            #expect(abs(gradient[index] - slope) < 1e-9)
            #expect((index / width == 3) == (gradient[index] != 0))
        }
    }

    @Test("Exact values average to the expected reward")
    func values() {
        let logprobs = policy.only(prompt: 3).logprobs()
        let task = task.only(prompt: 3)
        let values = TableValues(exact: task, logprobs)
        #expect(abs(values[0] - logprobs.expectation(of: task.reward)) < 1e-12)
    }

    @Test("Fresh data has ratio 1, and an unclipped ratio leaves 1 ± ε where the clipped one stays near")
    func ratios() throws {
        func ratios(_ surrogate: Surrogate) throws -> [Double] {
            var training = TableTraining(
                task: task, settings: .study { $0.objective.surrogate = surrogate })
            (training.steps, training.interval) = (4, 1)
            (training.optimizer, training.learningRate) = (.descent, 100)
            let fresh = try training.run { $0.ratioMax }
            #expect(fresh.allSatisfy { $0 == 1 })
            training.epochs = 6
            return try training.run { $0.ratioMax }
        }
        #expect(Sample(try ratios(.unclipped)).greatest > 5 * Sample(try ratios(.clip)).greatest)
    }

    @Test("A gradient longer than the bound is shortened to it, a shorter one is left alone")
    func clippedGradient() {
        func moved(_ gradient: [Double]) -> [Double] {
            var (optimizer, weights) = (
                TableOptimizer(.descent, learningRate: 1, maxGradNorm: 1), [0.0, 0.0]
            )
            optimizer.apply(gradient, to: &weights)
            return weights
        }
        #expect(moved([0.3, -0.4]) == [-0.3, 0.4])
        let long = moved([30, -40])
        #expect(abs(long[0] + 0.6) < 1e-12 && abs(long[1] - 0.8) < 1e-12)
    }

    @Test("Constant groups leave the denominators where a profile drops them, and the others weigh more")
    func constantGroups() throws {
        func gradient(_ policy: ConstantGroupPolicy) throws -> [Double] {
            var settings = AlgorithmSettings.study()
            settings.objective.constantGroups = policy
            let loss = TableLoss(settings, reference: TablePolicy(task).logprobs())
            var groups = task.groups(
                from: TablePolicy(task).logprobs(), groupSize: 8, seed: 0, step: 0)
            for sample in 0..<8 {
                groups[0].completions[sample].reward = 1
                groups[1].completions[sample].reward = Double(sample)
            }
            let batch = try loss.batch(Array(groups[0..<2]), proximal: TablePolicy(task).logprobs())
            return try loss.gradient(batch[...], at: TablePolicy(task).logprobs()).gradient
        }
        func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(length(try gradient(.drop)) > 1.2 * length(try gradient(.count)))
    }

    @Test("A run is a function of its settings and seed")
    func deterministic() throws {
        var training = TableTraining(task: task)
        training.steps = 10
        let first = try training.run { $0.logprobs.values }
        #expect(try training.run { $0.logprobs.values } == first)
        training.seed = 1
        #expect(try training.run { $0.logprobs.values } != first)
    }

    @Test("Measurements are at the start, at the interval, and at the end")
    func measured() throws {
        var training = TableTraining(task: task)
        (training.steps, training.interval) = (7, 3)
        #expect(training.measuredSteps == [0, 3, 6, 7])
        #expect(try training.run { $0.step } == [0, 3, 6, 7])
    }

    @Test("Stale completions come from the policy that many steps ago")
    func stale() throws {
        var training = TableTraining(task: task)
        (training.steps, training.interval, training.staleness) = (5, 1, 2)
        let moments = try training.run { $0 }
        for (step, moment) in moments.enumerated().dropFirst() {
            let sampler = moments[max(0, step - 1 - 2)].logprobs
            let expected = task.groups(
                from: sampler, groupSize: training.groupSize, seed: 0, step: UInt32(step - 1))
            #expect(moment.groups == expected)
        }
    }
}

@Test("A monotone change of the rewards that is not affine can flip an advantage's sign")
func monotoneChange() throws {
    let rewards = [0.0, 0.4, 1.0]
    let plain = try advantages(of: rewards)
    let affine = try advantages(of: rewards.map { 3 * $0 + 5 })
    let root = try advantages(of: rewards.map { cbrt($0) })
    #expect(zip(plain, affine).allSatisfy { ($0 > 0) == ($1 > 0) })
    #expect(plain[1] < 0)
    #expect(root[1] > 0)
}
