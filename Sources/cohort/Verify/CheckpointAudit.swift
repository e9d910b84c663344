import Checkpoints
import Foundation
import Ports

/// The checkpoints of a run: manifests, digests, and how far each says that the ledger went.
struct CheckpointAudit {
    struct Found {
        var step: Int
        /// `nil`: the checkpoint's state names no place in the ledger.
        var position: JournalPosition?
        /// Of its weights.
        var digest: SnapshotDigest
        var path: String
    }

    let path: String

    /// Reads every checkpoint whole and verifies it. One that a running learner removes meanwhile does not
    /// count.
    func found() throws -> [Found] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let directory = CheckpointDirectory(existing: path)
        var found: [Found] = []
        for step in try directory.steps() {
            do {
                let checkpoint = try directory.verify(step: step)
                found.append(
                    Found(
                        step: step, position: try Self.position(checkpoint),
                        digest: SnapshotDigest(of: try checkpoint.weights()), path: checkpoint.path)
                )
            } catch {
                guard try directory.steps().contains(step) else { continue }
                throw violation(
                    "\(path)/checkpoint-\(step)", "\(error)",
                    advice: "remove it, and the run resumes from the one before")
            }
        }
        return found
    }

    private struct State: Decodable {
        var journal: JournalPosition?
    }

    private static func position(_ checkpoint: VerifiedCheckpoint) throws -> JournalPosition? {
        try JSONDecoder().decode(State.self, from: Data(try checkpoint.trainerState())).journal
    }
}
