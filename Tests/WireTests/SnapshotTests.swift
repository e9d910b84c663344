import CChecksums
import GRPO
import Testing
import Wire

@Suite("Snapshots on the wire") struct SnapshotTests {
    @Test("A chunk of a mebibyte comes through, as a slice of an image; one byte more does not")
    func chunks() throws {
        let image = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let chunk = Chunk(version: Sample.version, index: 1, bytes: image[1 << 20..<2 << 20])
        let message = HolderMessage(.chunk(chunk))
        let frame = try message.encode()
        #expect(try HolderMessage(frame: frame) == message)
        #expect(frame.count <= WireLimits.snapshotFrameBytes)
        let more = Chunk(version: Sample.version, index: 1, bytes: image[0...1 << 20])
        #expect(code { () throws(WireError) in try sent(.chunk(more)) } == .limitExceeded)
    }

    @Test("The largest manifest comes through: 32,768 chunks")
    func largestManifest() throws {
        let digests = (0..<32_768).map { index in
            ContentDigest((0..<32).map { UInt8(truncatingIfNeeded: index >> ($0 % 16)) })!
        }
        let manifest = Manifest(
            snapshot: Sample.snapshot, byteCount: 32_768 << 20, chunkBytes: 1 << 20,
            chunkDigests: digests)
        #expect(try sent(.manifest(manifest)) == .manifest(manifest))
        var more = manifest
        more.byteCount += 1
        more.chunkDigests.append(digests[0])
        #expect(code { () throws(WireError) in try sent(.manifest(more)) } == .limitExceeded)
    }

    @Test(
        "The chunks' ranges cover the image without gap or overlap",
        arguments: [
            (1, 1), (10, 3), (9, 3), (7, 8), (1 << 20, 1000),
        ])
    func ranges(bytes: Int, chunk: Int) throws {
        let count = (bytes + chunk - 1) / chunk
        let manifest = Manifest(
            snapshot: Sample.snapshot, byteCount: bytes, chunkBytes: chunk,
            chunkDigests: Array(repeating: Sample.digest, count: count))
        #expect(try sent(.manifest(manifest)) == .manifest(manifest))
        var end = 0
        for index in 0..<count {
            let range = manifest.range(ofChunk: index)
            #expect(range.lowerBound == end && !range.isEmpty)
            end = range.upperBound
        }
        #expect(end == bytes)
    }

    @Test("Negative and absurd numbers are refused before they are converted")
    func absurd() {
        let snapshot = Sample.snapshot
        #expect(
            code { () throws(WireError) in
                try sent(.announce(.init(snapshot: snapshot, byteCount: -1)))
            } == .badField)
        #expect(
            code { () throws(WireError) in
                try sent(.announce(.init(snapshot: snapshot, byteCount: .max)))
            } == .limitExceeded)
        #expect(
            code { () throws(WireError) in
                try sent(
                    .manifest(
                        .init(snapshot: snapshot, byteCount: 1, chunkBytes: -1, chunkDigests: [])))
            } == .badField)
        #expect(
            code { () throws(WireError) in
                try sent(.chunk(.init(version: Sample.version, index: -1, bytes: [1])))
            } == .badField)
        for chunks in [-1..<1, 0..<Int.max, Int.min..<Int.max, 5..<5, 0..<65, 32_768..<32_769] {
            let request = ChunkRequest(version: Sample.version, chunks: chunks)
            #expect(code { () throws(WireError) in try sent(.chunkRequest(request)) } != nil)
        }
    }

    @Test("The decoder refuses a chunk above the limit even where the frame is not too long")
    func longChunk() {
        // A CHUNK by hand, for the encoder does not write it: version 1.1, tensor "chunk".
        func frame(_ count: Int) -> [UInt8] {
            let bytes = [UInt8](repeating: 7, count: count)
            let crc = littleEndian(cohort_crc32c(0, bytes, bytes.count))
            let size = varint(count)
            let shape: [UInt8] = [0x1A, UInt8(size.count)] + size
            let tensor =
                [0x0A, 5] + Array("chunk".utf8) + [0x12, 2] + Array("U8".utf8) + shape + [0x20]
                + size
            let payload = [0x0D] + crc + [0x12, UInt8(tensor.count)] + tensor
            let header = [0x0A, 4, 0x08, 1, 0x10, 1] + [0x7A, UInt8(payload.count)] + payload
            return sealed(header: header, payload: bytes, type: MessageType.chunk.rawValue)
        }
        #expect(code { () throws(WireError) in try HolderMessage(frame: frame(1 << 20)) } == nil)
        #expect(
            code { () throws(WireError) in try HolderMessage(frame: frame(1 << 20 + 1)) }
                == .limitExceeded)
    }

    private func varint(_ value: Int) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
    }
}
