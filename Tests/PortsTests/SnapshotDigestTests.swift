import Ports
import Testing

@Suite struct SnapshotDigestTests {
    // The expected digests were computed with Python's hashlib:
    // sha256(b"".join(sha256(c).digest() for c in chunks of 1 MiB)).hexdigest()
    @Test("The digest is the SHA-256 of the chunks' SHA-256s")
    func knownValues() {
        #expect(
            SnapshotDigest(of: Array("cohort".utf8)).description
                == "fd0fd652e84ed1ad1b3db3fc635c4f8aced49f55d3c287d8c09ee7ddbfbe8d1f")
        #expect(
            SnapshotDigest(of: []).description
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let image = (0..<(SnapshotDigest.chunkBytes * 2 + 5)).map {
            UInt8(truncatingIfNeeded: $0 % 251)
        }
        #expect(
            SnapshotDigest(of: image).description
                == "53ec89529059d75f8a85a3b734e43c2d152fa1d33aa09d2f164304f560587e94")
    }

    @Test(
        "There is one chunk digest per started mebibyte",
        arguments: [
            (0, 0), (1, 1), (1 << 20, 1), (1 << 20 + 1, 2), (2 << 20, 2),
        ])
    func chunkCount(bytes: Int, chunks: Int) {
        let image = [UInt8](repeating: 7, count: bytes)
        #expect(SnapshotDigest.chunkDigests(of: image).count == chunks)
        #expect(
            SnapshotDigest(chunkDigests: SnapshotDigest.chunkDigests(of: image))
                == SnapshotDigest(of: image))
    }

    @Test("One changed bit changes the digest, wherever it is")
    func sensitivity() {
        let image = [UInt8](repeating: 0, count: SnapshotDigest.chunkBytes + 2)
        let digest = SnapshotDigest(of: image)
        for place in [0, SnapshotDigest.chunkBytes - 1, SnapshotDigest.chunkBytes, image.count - 1]
        {
            var changed = image
            changed[place] ^= 0x80
            #expect(SnapshotDigest(of: changed) != digest)
        }
        #expect(SnapshotDigest(of: image + [0]) != digest)
    }

    @Test("Hexadecimal digits are lower case and two per byte")
    func hexadecimalDigits() {
        #expect(hexadecimal([0x00, 0x0f, 0xa5, 0xff] as [UInt8]) == "000fa5ff")
        #expect(hexadecimal([] as [UInt8]) == "")
    }
}
