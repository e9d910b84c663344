package import GRPO

/// Named profiles and the value baseline on one task, from one start.
package struct ProfilesStudy: Study {
    package static let name = "profiles"

    /// The expected reward that is to be reached.
    package var level = 0.85
    /// Every curve is trained with each; shown is the one with the highest mean reward over the run.
    package var learningRates = [0.03, 0.1, 0.3]
    package var groupSize = 8
    package var steps = 100
    /// Passes over each batch.
    package var epochs = 2
    /// Optimiser steps per pass.
    package var minibatches = 3
    /// As in the main job.
    package var maxGradNorm = 1.0

    package init() {}

    package struct Arm: Sendable {
        package var name: String
        package var profile: Profile
        package var settings: AlgorithmSettings

        init(_ profile: Profile) {
            (name, self.profile, settings) = (profile.name, profile, profile.settings)
        }
    }

    static let valueName = "value baseline"

    /// Throws `WordError` where a profile is not there.
    static func arms() throws -> [Arm] {
        var value = Arm(.cohort)
        value.name = valueName
        value.settings.advantage.baseline = .value
        return try ["cohort", "dapo", "gspo", "dr-grpo", "original"].map { Arm(try .named($0)) } + [value]
    }

    package struct Outcome: StudyOutcome {
        package var study: ProfilesStudy
        package var context: StudyContext
        package var arms: [Arm]
        /// Expected reward: (arms)(learning rates).
        package var curves: [[Curve]]

        /// Of each arm, the place of the learning rate with the highest mean reward over the run.
        package var choices: [Int] {
            curves.map { rates in
                rates.indices.max { rates[$0].average.mean < rates[$1].average.mean } ?? 0
            }
        }

        /// Of each arm, at its learning rate.
        package var chosen: [Curve] { zip(curves, choices).map { $0[$1] } }
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let (task, arms) = (TableTask.sums(), try Self.arms())
        let trainings = arms.flatMap { arm in
            learningRates.map { training(task, arm.settings, learningRate: $0) }
        }
        let runs = try context.train(trainings) { $0.logprobs.expectation(of: task.reward) }
        let x = trainings[0].axis
        return Outcome(
            study: self, context: context, arms: arms,
            curves: arms.indices.map { arm in
                learningRates.indices.map {
                    Curve(arms[arm].name, x: x, runs: runs[arm * learningRates.count + $0])
                }
            })
    }

    private func training(
        _ task: TableTask, _ settings: AlgorithmSettings, learningRate: Double
    ) -> TableTraining {
        var training = TableTraining(task: task, settings: settings)
        (training.groupSize, training.steps, training.interval) = (groupSize, steps, 2)
        (training.epochs, training.minibatches) = (epochs, minibatches)
        (training.learningRate, training.maxGradNorm) = (learningRate, maxGradNorm)
        return training
    }
}
