import Foundation
import Ports

// From the `[reward]` table to what whoever scores is told.

extension RunConfiguration {
    /// Whether every worker is on the learner's machine, as ipc makes sure.
    var hasLocalWorkersOnly: Bool { cluster.bind.isEmpty || cluster.bind.hasPrefix("ipc:") }

    /// `auto`: workers score over ipc, where they are ours; the learner scores whoever comes by tcp.
    var rewardPlacement: RewardPlacement {
        switch reward.placement {
        case .worker: .worker
        case .learner: .learner
        case .auto: hasLocalWorkersOnly ? .worker : .learner
        }
    }

    /// Tokens beyond which `soft_overlong_punishment_reward` is −1.
    var overlongLength: Int {
        reward.maxCompletionLen > 0 ? reward.maxCompletionLen : grpo.maxCompletionLength
    }

    /// `logDirectory`: where the standard error of reward programs goes; they start in the current
    /// directory.
    func rewardPlan(logDirectory: String) -> RewardPlan {
        RewardPlan(
            names: reward.names, weights: reward.weights.isEmpty ? nil : reward.weights,
            parameters: RewardParameters(
                maxCompletionLength: overlongLength, softPunishCache: reward.softPunishCache,
                ngramSize: reward.ngramSize, maxPenalty: reward.maxPenalty),
            programs: reward.programs.isEmpty ? nil : rewardPrograms(logDirectory: logDirectory))
    }

    private func rewardPrograms(logDirectory: String) -> RewardPrograms {
        RewardPrograms(
            commands: reward.programs, directory: FileManager.default.currentDirectoryPath,
            logDirectory: absolute(logDirectory), secondsPerItem: reward.programSeconds,
            secondsToStart: reward.programStartSeconds, restarts: reward.programRestarts,
            retries: reward.programRetries,
            defaultReward: reward.onProgramFailure == .default ? reward.defaultReward : nil)
    }
}
