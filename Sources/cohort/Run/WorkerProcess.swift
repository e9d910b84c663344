import Checkpoints
import Foundation
import GRPO
import Ports
import Rollout
import Tasks
import Transformer
import ZeroMQ
import ZeroMQTransport

/// A rollout worker as a process. Everything but the learner's address comes from the learner.
struct WorkerProcess: Sendable {
    var address: LearnerAddress
    var name: String
    var threads: Int
    /// Groups that are decoded together; also the leases that this worker holds at most.
    var batchGroups: Int
    /// Keys, where the learner is reached by tcp and wants them.
    var security: WorkerSecurity?
    var insecure: Bool
    /// Silence of the learner after which the worker gives up.
    var reconnectDeadline: Duration
    /// Where to write down what work is done; `nil`: nowhere.
    var log: ProcessLog?
    /// Whether every ticket is written down there.
    var traces = false

    /// Works until the learner has no more for it. Throws `CommandFailure` if the learner is lost.
    func run() async throws -> RolloutTotals {
        let settings = WorkerLinkConfiguration(
            address: address,
            worker: WorkerID(name: name, incarnation: UInt64(Date().timeIntervalSince1970 * 1e9)),
            numerics: NumericsFingerprint.current, slots: batchGroups, security: security,
            insecure: insecure,
            reconnectDeadline: reconnectDeadline, fetchDeadline: reconnectDeadline,
            note: { [address, name] in
                StandardStream.error.write("\(name): \($0) (\(address.rollouts))\n")
            })
        do {
            return try await WorkerLink.withLink(settings) { link in
                let shared = try await link.configuration()
                return try await withReward(shared) { reward in
                    let worker = RolloutWorker(
                        groups: logged(link), snapshots: link, policy: try policy(shared), reward: reward,
                        batchGroups: batchGroups, clock: ContinuousClock())
                    try await worker.run()
                    return await worker.totals
                }
            }
        } catch let lost as LearnerLost {
            throw CommandFailure(
                "\(lost) (\(address.rollouts)); start the learner, or check the address",
                .peerUnavailable)
        }
    }

    private func logged(_ link: WorkerLink) -> any GroupSink {
        log.map { LoggedRollouts(link, log: $0, traces: traces) } ?? link
    }

    private func policy(_ shared: WorkerConfiguration) throws -> TransformerSampler {
        TransformerSampler(
            configuration: try ModelConfiguration(json: Array(shared.model.utf8)),
            codec: SafetensorsCodec(), threads: threads, type: shared.dtype)
    }

    private func withReward<Result>(
        _ shared: WorkerConfiguration, _ body: ((any GroupScorer)?) async throws -> Result
    ) async throws -> Result {
        guard shared.rewardPlacement == .worker else { return try await body(nil) }
        guard let directory = shared.modelDirectory else {
            throw CommandFailure(
                "the learner wants rewards from its workers and names no tokenizer; set "
                    + "reward.placement = \"learner\" there", .configuration)
        }
        // Only ipc proves that the learner is on this machine; anyone else would be free to run things here.
        guard shared.rewards.programs == nil || address.rollouts.path != nil else {
            throw CommandFailure(
                "the learner at \(address.rollouts) wants a reward program started here, and that is done "
                    + "for learners over ipc only; set reward.placement = \"learner\" there",
                .configuration)
        }
        let scoring = RewardScoring(
            plan: shared.rewards, model: try ModelDirectory(directory), role: name,
            note: { StandardStream.error.write($0 + "\n") })
        return try await scoring.withPanel { try await body($0) }
    }
}
