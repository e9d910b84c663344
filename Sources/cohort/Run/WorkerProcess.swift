import Checkpoints
import Foundation
import GRPO
import Ports
import Rollout
import Tasks
import Transformer
import ZeroMQTransport

/// A rollout worker as a process. Everything but the learner's address comes from the learner.
struct WorkerProcess: Sendable {
    var address: LearnerAddress
    var name: String
    var threads: Int
    /// Groups that are decoded together; also the leases that this worker holds at most.
    var batchGroups: Int
    var insecure: Bool
    /// Silence of the learner after which the worker gives up.
    var reconnectDeadline: Duration

    /// Works until the learner has no more for it. Throws `CommandFailure` if the learner is lost.
    func run() async throws -> RolloutTotals {
        let settings = WorkerLinkConfiguration(
            address: address,
            worker: WorkerID(name: name, incarnation: UInt64(Date().timeIntervalSince1970 * 1e9)),
            numerics: NumericsFingerprint.current, slots: batchGroups, insecure: insecure,
            reconnectDeadline: reconnectDeadline, fetchDeadline: reconnectDeadline)
        do {
            return try await WorkerLink.withLink(settings) { link in
                let shared = try await link.configuration()
                let worker = RolloutWorker(
                    groups: link, snapshots: link, policy: try policy(shared),
                    reward: try reward(shared), batchGroups: batchGroups, clock: ContinuousClock())
                try await worker.run()
                return await worker.totals
            }
        } catch let lost as LearnerLost {
            throw CommandFailure(
                "\(lost) (\(address.rollouts)); start the learner, or check the address",
                .peerUnavailable)
        }
    }

    private func policy(_ shared: WorkerConfiguration) throws -> TransformerSampler {
        TransformerSampler(
            configuration: try ModelConfiguration(json: Array(shared.model.utf8)),
            codec: SafetensorsCodec(), threads: threads, type: shared.dtype)
    }

    private func reward(_ shared: WorkerConfiguration) throws -> (any RewardFunction)? {
        guard shared.rewardPlacement == .worker else { return nil }
        guard let directory = shared.modelDirectory else {
            throw CommandFailure(
                "the learner wants rewards from its workers and names no tokenizer; set "
                    + "reward.placement = \"learner\" there", .configuration)
        }
        return try makeReward(shared.reward, model: try ModelDirectory(directory))
    }
}
