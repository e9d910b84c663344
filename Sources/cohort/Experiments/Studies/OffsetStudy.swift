import GRPO

/// Absolute reward against a baseline: variance of the gradient, learning curves, and the counter-example.
package struct OffsetStudy: Study {
    package static let name = "offset"

    /// Numbers added to all rewards.
    package var offsets: [Double] = [0, 1, 3, 10]
    /// Of the learning curves.
    package var trainingOffset = 3.0
    package var groupSize = 8
    /// Gradient estimates per seed.
    package var draws = 1000
    package var steps = 200

    package init() {}

    /// The baselines that are compared, by the names of their curves.
    static let arms: [(name: String, baseline: AdvantageBaseline)] = [
        ("raw reward", .none), ("value baseline", .value), ("group mean", .mean),
        ("leave-one-out", .leaveOneOut),
    ]

    package struct Outcome: StudyOutcome {
        package var study: OffsetStudy
        package var context: StudyContext
        /// E‖g − E g‖²: (arms)(offsets), of the seeds.
        package var variances: [[Sample]]
        /// Expected reward without the offset, trained with it: (arms).
        package var curves: [Curve]
        /// Exact variances of the counter-example: raw reward, leave-one-out.
        package var counterExample: (raw: Double, leaveOneOut: Double)
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let counterExample = try Self.counterExample()
        return Outcome(
            study: self, context: context, variances: try variances(context),
            curves: try curves(context), counterExample: counterExample)
    }

    private func variances(_ context: StudyContext) throws -> [[Sample]] {
        let policy = TablePolicy(sums: 5, skill: 1).only(prompt: 7)
        let task = TableTask.sums().only(prompt: 7)
        let (arms, seeds) = (Self.arms, context.seeds)
        let all = try context.pool.map(arms.count * offsets.count * seeds) { index in
            let estimate = GradientEstimate(
                task.offset(by: offsets[index / seeds % offsets.count]), policy: policy,
                settings: .study {
                    $0.advantage.baseline = arms[index / seeds / offsets.count].baseline
                },
                groupSize: groupSize)
            return try estimate.moments(seed: UInt64(index % seeds), count: draws).totalVariance
        }
        return arms.indices.map { arm in
            offsets.indices.map { offset in
                let start = (arm * offsets.count + offset) * seeds
                return Sample(Array(all[start..<start + seeds]))
            }
        }
    }

    private func curves(_ context: StudyContext) throws -> [Curve] {
        let task = TableTask.sums()
        let trainings = Self.arms.map { arm in
            var training = TableTraining(
                task: task.offset(by: trainingOffset),
                settings: .study { $0.advantage.baseline = arm.baseline })
            (training.groupSize, training.steps, training.learningRate) = (groupSize, steps, 0.1)
            return training
        }
        let runs = try context.train(trainings) { $0.logprobs.expectation(of: task.reward) }
        return zip(Self.arms, runs).map { Curve($0.name, x: trainings[0].axis, runs: $1) }
    }

    /// p = (.1, .9), r = (+1, −1), G = 4.
    static func counterExample() throws -> (raw: Double, leaveOneOut: Double) {
        let task = TableTask.bandit(rewards: [1, -1])
        var policy = TablePolicy(task)
        // ln(.1/.9)
        policy.logits = [-2.197224577336219, 0]
        func variance(_ baseline: AdvantageBaseline) throws -> Double {
            try GradientEstimate(
                task, policy: policy, settings: .study { $0.advantage.baseline = baseline }, groupSize: 4
            ).exactTotalVariance()
        }
        return (try variance(.none), try variance(.leaveOneOut))
    }
}
