internal import GRPO
internal import Ports
internal import Sessions
internal import Wire
internal import ZeroMQ

/// A snapshot as it is served: every frame made in advance, so that the socket thread only sends.
struct ServedSnapshot: Sendable {
    let reference: SnapshotReference
    let manifest: [UInt8]
    let chunks: [OwnedBuffer]

    /// Hashes and encodes; takes a while, so not on the socket thread.
    @concurrent
    static func make(_ snapshot: Snapshot) async throws -> ServedSnapshot {
        guard !snapshot.image.isEmpty else {
            throw LinkConfigurationError("snapshot \(snapshot.version) is empty and cannot be sent")
        }
        let reference = SnapshotReference(snapshot)
        let digests = SnapshotDigest.chunkDigests(of: snapshot.image).map { ContentDigest($0)! }
        let manifest = Manifest(
            snapshot: reference, byteCount: snapshot.image.count,
            chunkBytes: SnapshotDigest.chunkBytes, chunkDigests: digests)
        let chunks = try digests.indices.map { index in
            let chunk = Chunk(
                version: snapshot.version, index: index,
                bytes: snapshot.image[manifest.range(ofChunk: index)])
            return OwnedBuffer(try HolderMessage(.chunk(chunk)).encode())
        }
        return ServedSnapshot(
            reference: reference, manifest: try HolderMessage(.manifest(manifest)).encode(),
            chunks: chunks)
    }
}
