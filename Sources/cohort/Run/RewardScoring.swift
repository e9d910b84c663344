import Foundation
import Ports
import Tasks

/// The run's rewards in one process: reward programs run as long as something is scored with them.
struct RewardScoring: Sendable {
    var plan: RewardPlan
    /// Says how tokens become text.
    var model: ModelDirectory
    /// Which process this is, such as "worker-0": logs of programs are called after it.
    var role: String
    var note: @Sendable (String) -> Void

    /// Throws what `body` throws, and `CommandFailure` where a reward cannot be had.
    func withPanel<Result>(_ body: (RewardPanel) async throws -> Result) async throws -> Result {
        do {
            return try await RewardPanel.withPanel(
                plan, tokenizer: model.tokenizer, stopTokens: model.stopTokens, role: role, note: note,
                body)
        } catch let error as UnknownGrader {
            throw CommandFailure("reward.name: \(error)", .configuration)
        } catch let error as RewardProgramError {
            throw CommandFailure("\(error)", .configuration)
        }
    }
}

extension RewardScoring {
    /// For evaluations; messages go to standard error. `logDirectory`: `nil` for commands without a run.
    init(evaluating model: ModelDirectory, _ configuration: RunConfiguration, logDirectory: String? = nil) {
        let logs = logDirectory ?? FileManager.default.temporaryDirectory.path
        self.init(
            plan: configuration.rewardPlan(logDirectory: logs), model: model, role: "evaluation",
            note: { StandardStream.error.write($0 + "\n") })
    }
}
