package import GRPO

/// MANIFEST-REQUEST: what does a version consist of?
package struct ManifestRequest: Hashable, Sendable {
    /// `nil`: the latest that the holder has.
    package var version: PolicyVersion?

    package init(version: PolicyVersion?) { self.version = version }
}

extension ManifestRequest: Command {
    init(_ header: ProtoManifestRequest, payload: PayloadReader) throws(WireError) {
        version = header.hasVersion ? PolicyVersion(header.version) : nil
    }

    func check() throws(WireError) {}

    func describe(in header: inout ProtoManifestRequest, payload: inout PayloadWriter) {
        if let version { header.version = version.header }
    }
}

/// CHUNK-REQUEST: please send these chunks; the fetcher's credit.
package struct ChunkRequest: Hashable, Sendable {
    package var version: PolicyVersion
    /// Chunk numbers; 1 to 64 of them, below 32,768.
    package var chunks: Range<Int>

    package init(version: PolicyVersion, chunks: Range<Int>) {
        self.version = version
        self.chunks = chunks
    }
}

extension ChunkRequest: Command {
    init(_ header: ProtoChunkRequest, payload: PayloadReader) throws(WireError) {
        try requirePresent(header.hasVersion, "the version of a CHUNK-REQUEST")
        version = PolicyVersion(header.version)
        // Two numbers of 32 bits cannot overflow an Int.
        chunks = Int(header.first)..<Int(header.first) + Int(header.count)
    }

    func check() throws(WireError) {
        try WireError.require(!chunks.isEmpty, "a CHUNK-REQUEST asks for no chunk")
        try WireError.require(chunks.lowerBound >= 0, "a CHUNK-REQUEST begins below chunk 0")
        // An upper bound within its limit makes the count safe to compute.
        try WireError.check(
            chunks.upperBound, atMost: WireLimits.chunksPerSnapshot, "the end of a CHUNK-REQUEST")
        try WireError.check(
            chunks.count, atMost: WireLimits.chunksPerRequest, "the number of chunks asked for")
    }

    func describe(in header: inout ProtoChunkRequest, payload: inout PayloadWriter) {
        header.version = version.header
        header.first = UInt32(chunks.lowerBound)
        header.count = UInt32(chunks.count)
    }
}
