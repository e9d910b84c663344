package import GRPO
package import Ports
internal import Sessions
internal import Wire

// Snapshots: fetched by the client, reported by the session.

extension WorkerLink {
    package nonisolated func snapshot(_ version: PolicyVersion) async throws -> Snapshot {
        let outcome = try await client.fetch(version, expected: try await digest(of: version))
        switch outcome {
        case .complete(let reference, let chunks):
            let snapshot = try await Self.assemble(reference, chunks)
            await adopt(reference)
            return snapshot
        case .gone:
            try await giveUp(version)
            throw SnapshotGone(version: version)
        case .failed(let cause):
            try await throwFailure()
            throw LearnerLost(cause: "snapshot \(version) could not be fetched: \(cause)")
        }
    }

    private func digest(of version: PolicyVersion) throws -> ContentDigest? {
        try throwFailure()
        if session.isOver { throw SnapshotGone(version: version) }
        return session.digest(of: version)
    }

    @concurrent
    private static func assemble(
        _ reference: SnapshotReference, _ chunks: [ArraySlice<UInt8>]
    ) async throws -> Snapshot {
        var image: [UInt8] = []
        image.reserveCapacity(chunks.reduce(0) { $0 + $1.count })
        for chunk in chunks { image += chunk }
        let snapshot = Snapshot(version: reference.version, image: image)
        guard SnapshotReference(snapshot) == reference else {
            throw LearnerLost(
                cause:
                    "snapshot \(reference.version) has the digest \(snapshot.digest), not \(reference.digest)"
            )
        }
        return snapshot
    }

    private func adopt(_ reference: SnapshotReference) {
        perform(session.adopt(reference, now: now))
    }

    private func giveUp(_ version: PolicyVersion) throws {
        try throwFailure()
        perform(session.giveUp(version, now: now))
    }
}
