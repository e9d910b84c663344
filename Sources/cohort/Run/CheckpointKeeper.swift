import Checkpoints
import Foundation
import Ports
import Training

/// Checkpoints of one run, written on a thread of their own: they wait for the disk.
actor CheckpointKeeper: CheckpointStore {
    private let directory: CheckpointDirectory
    private let config: [UInt8]
    private let passThrough: [NamedFile]
    private let room: DiskRoom
    private let note: @Sendable (String) -> Void
    private let thread = ThreadExecutor(name: "cohort-checkpoints")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// `room`: waited for where the disk is full. `note` is told of what went wrong and changes nothing.
    init(
        path: String, retention: CheckpointRetention, model: ModelDirectory, room: DiskRoom,
        note: @escaping @Sendable (String) -> Void
    ) throws {
        directory = try CheckpointDirectory(path: path, retention: retention)
        self.room = room
        self.note = note
        config = model.config
        passThrough = model.passThrough
    }

    func save(_ checkpoint: TrainingCheckpoint) async throws {
        let checkpoint = contents(of: checkpoint)
        let saved = try await room.write { try directory.save(checkpoint) }
        do { try directory.prune(keeping: saved) } catch {
            note("checkpoint \(saved.step) was written, but an older one could not be removed: \(error)")
        }
    }

    private func contents(of checkpoint: TrainingCheckpoint) -> Checkpoint {
        let earlier = checkpoint.earlierSnapshots.sorted { $0.key < $1.key }.map {
            NamedFile(name: "snapshot-\($0.key).safetensors", bytes: $0.value)
        }
        let reference = checkpoint.reference.map { NamedFile(name: Self.reference, bytes: $0) }
        return Checkpoint(
            step: checkpoint.step, config: config, weights: checkpoint.weights,
            optimizer: checkpoint.optimizer, trainerState: checkpoint.state,
            passThrough: passThrough + earlier + [reference].compactMap(\.self))
    }

    /// Of the checkpoints that there are, ascending.
    func steps() throws -> [Int] { try directory.steps() }

    fileprivate static let reference = "reference.safetensors"

    /// A checkpoint read back, and what was noticed on the way.
    struct Found {
        var progress: LearnerProgress
        var weights: [UInt8]
        var optimizer: [UInt8]
        var earlierSnapshots: [UInt64: [UInt8]]
        /// `nil`: the reference is what the run started from.
        var reference: [UInt8]?
        var notes: [String]
    }

    /// The newest checkpoint that verifies; `nil` if there is none yet.
    func latest() throws -> Found? {
        guard let latest = try directory.latest() else { return nil }
        return try Found(latest.checkpoint, notes: latest.notes.map { "\($0)" })
    }
}

extension CheckpointKeeper.Found {
    init(_ checkpoint: VerifiedCheckpoint, notes: [String] = []) throws {
        self.init(
            progress: try JSONDecoder().decode(
                LearnerProgress.self, from: Data(try checkpoint.trainerState())),
            weights: try checkpoint.weights(), optimizer: try checkpoint.optimizer(),
            earlierSnapshots: try Self.earlierSnapshots(of: checkpoint),
            reference: try checkpoint.file(CheckpointKeeper.reference), notes: notes)
    }

    /// Only what the manifest names, and so what was verified.
    private static func earlierSnapshots(of checkpoint: VerifiedCheckpoint) throws -> [UInt64: [UInt8]] {
        var images: [UInt64: [UInt8]] = [:]
        for file in checkpoint.manifest.files.map(\.name) {
            guard file.hasPrefix("snapshot-"), file.hasSuffix(".safetensors"),
                let number = UInt64(file.dropFirst(9).dropLast(12))
            else { continue }
            images[number] = try checkpoint.file(file)
        }
        return images
    }
}

extension RunSettings {
    /// Which checkpoints stay.
    var retention: CheckpointRetention {
        CheckpointRetention(limit: saveTotalLimit, every: keepEverySteps)
    }
}
