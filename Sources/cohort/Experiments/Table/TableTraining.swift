package import GRPO

/// One seeded training run of a table policy: every step samples a group for every prompt.
package struct TableTraining: Sendable {
    package var task: TableTask
    /// Weights to start from, which are also the reference.
    package var start: TablePolicy
    package var settings: AlgorithmSettings
    package var groupSize = 8
    package var steps = 100
    /// Passes over each batch, μ.
    package var epochs = 1
    /// Optimiser steps per pass.
    package var minibatches = 1
    package var optimizer = TableOptimizer.Kind.adam
    package var learningRate = 0.05
    /// 0: gradients are not clipped.
    package var maxGradNorm = 0.0
    package var valueLearningRate = 0.5
    /// Completions come from the policy that many steps ago.
    package var staleness = 0
    /// Steps between two measurements; the start and the end are always measured.
    package var interval = 5
    package var seed: UInt64 = 0

    package init(task: TableTask, start: TablePolicy? = nil, settings: AlgorithmSettings = .study()) {
        self.task = task
        self.start = start ?? TablePolicy(task)
        self.settings = settings
    }

    /// What a measurement sees.
    package struct Moment: Sendable {
        package var step: Int
        /// After `step` steps.
        package var logprobs: TableLogprobs
        /// The largest ratio since the last measurement; 1 at the start.
        package var ratioMax: Double
        /// Groups sampled and scored in the last step; empty at the start.
        package var groups: [Group]
    }

    /// Trains; answers with what `measure` says at step 0, every `interval` steps and the last.
    package func run<Value>(measure: (Moment) throws -> Value) throws -> [Value] {
        var run = TableRun(self)
        var results = [
            try measure(Moment(step: 0, logprobs: start.logprobs(), ratioMax: 1, groups: []))
        ]
        for step in 1...steps {
            let groups = try run.advance()
            guard step % interval == 0 || step == steps else { continue }
            results.append(
                try measure(
                    Moment(
                        step: step, logprobs: run.policy.logprobs(), ratioMax: run.takeRatioMax(),
                        groups: groups)))
        }
        return results
    }

    /// The steps at which `run` measures.
    package var measuredSteps: [Int] {
        (0...steps).filter { $0 % interval == 0 || $0 == steps }
    }
}

/// The state of a run between two steps.
private struct TableRun {
    let plan: TableTraining
    let loss: TableLoss
    private(set) var policy: TablePolicy
    private var optimizer: TableOptimizer
    private var values: TableValues
    /// Of the last `staleness` + 1 steps, the oldest first.
    private var samplers: [TableLogprobs]
    private var step: UInt32 = 0
    private var ratioMax = 1.0

    init(_ plan: TableTraining) {
        self.plan = plan
        loss = TableLoss(plan.settings, reference: plan.start.logprobs())
        policy = plan.start
        optimizer = TableOptimizer(
            plan.optimizer, learningRate: plan.learningRate, maxGradNorm: plan.maxGradNorm)
        values = TableValues(policy, learningRate: plan.valueLearningRate)
        samplers = []
    }

    /// One batch: sampled, scored, and trained on.
    mutating func advance() throws -> [Group] {
        let current = policy.logprobs()
        samplers.append(current)
        if samplers.count > plan.staleness + 1 { samplers.removeFirst() }
        let groups = plan.task.groups(
            from: samplers[0], groupSize: plan.groupSize, seed: plan.seed, step: step)
        let batch = try loss.batch(groups, proximal: current, values: values)
        for _ in 0..<plan.epochs { try pass(over: batch) }
        values.learn(from: groups, policy: policy)
        step += 1
        return groups
    }

    private mutating func pass(over groups: [[TableCompletion]]) throws {
        for part in 0..<plan.minibatches {
            let start = groups.count * part / plan.minibatches
            let end = groups.count * (part + 1) / plan.minibatches
            let (gradient, ratio) = try loss.gradient(groups[start..<end], at: policy.logprobs())
            ratioMax = max(ratioMax, ratio)
            optimizer.apply(gradient, to: &policy.logits)
        }
    }

    mutating func takeRatioMax() -> Double {
        defer { ratioMax = 1 }
        return ratioMax
    }
}

extension TableTask {
    /// One scored group per prompt; a pure function of policy, seed and step.
    package func groups(
        from sampler: TableLogprobs, groupSize: Int, seed: UInt64, step: UInt32
    ) -> [Group] {
        (0..<promptCount).map {
            group(from: sampler, prompt: $0, groupSize: groupSize, seed: seed, step: step)
        }
    }

    /// One scored group of one prompt.
    package func group(
        from sampler: TableLogprobs, prompt: Int, groupSize: Int, seed: UInt64, step: UInt32
    ) -> Group {
        let key = TicketKey(pass: step, promptIndex: UInt32(prompt), attempt: 0)
        let completions = (0..<UInt32(groupSize)).map { sample in
            var completion = sampler.sample(
                prompt: prompt, key: SampleKey(seed: seed, ticket: key, sample: sample))
            completion.reward = reward(prompt, completion.tokens)
            return completion
        }
        return Group(
            key: key, ordinal: UInt64(step) * UInt64(promptCount) + UInt64(prompt),
            version: PolicyVersion(incarnation: 0, number: UInt64(step)), prompt: [Int32(prompt)],
            completions: completions)
    }
}
