/// MANIFEST: what a snapshot consists of, so that its chunks can be asked for and verified one by one.
///
/// That `snapshot.digest` is the SHA-256 over `chunkDigests` is not checked here but by who can hash.
package struct Manifest: Hashable, Sendable {
    package var snapshot: SnapshotReference
    /// Of the image, in bytes; ≥ 1.
    package var byteCount: Int
    /// Bytes of every chunk but the last, which has what remains; 1 to 1,048,576.
    package var chunkBytes: Int
    /// SHA-256 of each chunk, in order; as many as `byteCount` and `chunkBytes` make.
    package var chunkDigests: [ContentDigest]

    package init(
        snapshot: SnapshotReference, byteCount: Int, chunkBytes: Int, chunkDigests: [ContentDigest]
    ) {
        self.snapshot = snapshot
        self.byteCount = byteCount
        self.chunkBytes = chunkBytes
        self.chunkDigests = chunkDigests
    }

    /// The bytes of the image that chunk `index` holds.
    package func range(ofChunk index: Int) -> Range<Int> {
        precondition(chunkDigests.indices.contains(index), "the snapshot has no chunk \(index)")
        let start = index * chunkBytes
        return start..<min(start + chunkBytes, byteCount)
    }
}

extension Manifest: Command {
    init(_ header: ProtoManifest, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasSnapshot, "the snapshot of a MANIFEST")
        let width = ContentDigest.byteCount
        let digests = try payload.bytes("chunk_digests", shape: [nil, width])
        try WireError.check(
            digests.count / width, atMost: WireLimits.chunksPerSnapshot, "the number of chunks")
        self.init(
            snapshot: try SnapshotReference(header.snapshot),
            byteCount: try imageBytes(header.bytes), chunkBytes: Int(header.chunkBytes),
            chunkDigests: stride(from: 0, to: digests.count, by: width).compactMap {
                ContentDigest(digests[$0..<$0 + width])
            })
    }

    func check() throws(WireError) {
        try Wire.check(imageBytes: byteCount)
        try WireError.require(chunkBytes > 0, "a chunk has \(chunkBytes) bytes")
        try WireError.check(
            chunkBytes, atMost: WireLimits.chunkBytes, "the number of bytes of a chunk")
        let chunks = (byteCount - 1) / chunkBytes + 1
        try WireError.check(chunks, atMost: WireLimits.chunksPerSnapshot, "the number of chunks")
        guard chunkDigests.count == chunks else {
            throw WireError(
                .badTensor,
                "\(byteCount) bytes are \(chunks) chunks of \(chunkBytes), but \(chunkDigests.count) digests are given"
            )
        }
    }

    func describe(in header: inout ProtoManifest, payload: inout PayloadWriter) {
        header.snapshot = snapshot.header
        header.bytes = UInt64(byteCount)
        header.chunkBytes = UInt32(chunkBytes)
        payload.add(
            "chunk_digests", chunkDigests.flatMap(\.bytes)[...],
            shape: [chunkDigests.count, ContentDigest.byteCount])
    }
}
