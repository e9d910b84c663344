package import GRPO

/// ANNOUNCE: a new snapshot is complete at the holder. A hint; it may be lost.
package struct Announcement: Hashable, Sendable {
    package var snapshot: SnapshotReference
    /// Of the image, in bytes; ≥ 1.
    package var byteCount: Int

    package init(snapshot: SnapshotReference, byteCount: Int) {
        self.snapshot = snapshot
        self.byteCount = byteCount
    }
}

extension Announcement: Command {
    init(_ header: ProtoAnnounce, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasSnapshot, "the snapshot of an ANNOUNCE")
        self.init(
            snapshot: try SnapshotReference(header.snapshot),
            byteCount: try imageBytes(header.bytes))
    }

    func check() throws(WireError) { try Wire.check(imageBytes: byteCount) }

    func describe(in header: inout ProtoAnnounce, payload: inout PayloadWriter) {
        header.snapshot = snapshot.header
        header.bytes = UInt64(byteCount)
    }
}

/// CHUNK: one piece of an image.
package struct Chunk: Hashable, Sendable {
    package var version: PolicyVersion
    /// Below 32,768.
    package var index: Int
    /// 1 to 1,048,576 bytes. A slice, so that sending does not copy the image first.
    package var bytes: ArraySlice<UInt8>

    package init(version: PolicyVersion, index: Int, bytes: ArraySlice<UInt8>) {
        self.version = version
        self.index = index
        self.bytes = bytes
    }
}

extension Chunk: Command {
    init(_ header: ProtoChunk, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasVersion, "the version of a CHUNK")
        self.init(
            version: PolicyVersion(header.version), index: Int(header.index),
            bytes: try payload.vector("chunk", of: UInt8.self)[...])
    }

    func check() throws(WireError) {
        try WireError.require(index >= 0, "a CHUNK has the index \(index)")
        try WireError.check(
            index, atMost: WireLimits.chunksPerSnapshot - 1, "the index of a CHUNK")
        guard !bytes.isEmpty else { throw WireError(.badTensor, "chunk \(index) is empty") }
        try WireError.check(
            bytes.count, atMost: WireLimits.chunkBytes, "the length of chunk \(index)")
    }

    func describe(in header: inout ProtoChunk, payload: inout PayloadWriter) {
        header.version = version.header
        header.index = UInt32(index)
        payload.add("chunk", bytes)
    }
}

/// Why a holder refuses a request.
package enum SnapshotRejectCode: Int, Sendable, CaseIterable {
    /// Received only: a code that this release does not know.
    case other = 0
    case unsupportedVersion = 1
    case malformed = 2
    /// Not here, at least not yet.
    case unknownVersion = 3
    /// It was here; its leases have ended.
    case noLongerKept = 4
    /// The range ends beyond the snapshot.
    case badRange = 5
    /// Too many transfers; ask again later.
    case busy = 6

    /// The code for a request that did not decode.
    package init(_ error: WireError) {
        self = error.code == .unsupportedMajor ? .unsupportedVersion : .malformed
    }
}

/// REJECT of 2/SNAPSHOT.
package struct SnapshotRejection: Hashable, Sendable {
    package var code: SnapshotRejectCode
    /// One sentence for a person.
    package var reason: String
    /// What was asked for; `nil`: the request was unreadable or asked for the latest.
    package var version: PolicyVersion?

    package init(_ code: SnapshotRejectCode, reason: String, version: PolicyVersion? = nil) {
        self.code = code
        self.reason = reason
        self.version = version
    }
}

extension SnapshotRejection: Command {
    init(_ header: ProtoSnapshotReject, payload: PayloadReader) throws(WireError) {
        self.init(
            SnapshotRejectCode(rawValue: header.code.rawValue) ?? .other, reason: header.reason,
            version: header.hasVersion ? PolicyVersion(header.version) : nil)
    }

    func check() throws(WireError) { try WireError.check(string: reason, "a reason") }

    func describe(in header: inout ProtoSnapshotReject, payload: inout PayloadWriter) {
        header.code = .init(rawValue: code.rawValue) ?? .other
        header.reason = reason
        if let version { header.version = version.header }
    }
}

/// The length of an image in a header, as an Int.
func imageBytes(_ bytes: UInt64) throws(WireError) -> Int {
    guard let count = Int(exactly: bytes) else {
        throw WireError(.limitExceeded, "a snapshot of \(bytes) bytes is too large")
    }
    return count
}

func check(imageBytes: Int) throws(WireError) {
    try WireError.require(imageBytes > 0, "a snapshot has \(imageBytes) bytes")
    try WireError.check(
        imageBytes, atMost: WireLimits.chunksPerSnapshot * WireLimits.chunkBytes,
        "the number of bytes of a snapshot")
}
