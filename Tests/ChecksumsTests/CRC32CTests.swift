import CChecksums
import Testing

@Suite("CRC32C") struct CRC32CTests {
    /// Bit by bit from the definition, as slow as it gets.
    func byDefinition(_ bytes: some Sequence<UInt8>, continuing crc: UInt32 = 0) -> UInt32 {
        var state = ~crc
        for byte in bytes {
            state ^= UInt32(byte)
            for _ in 0..<8 { state = (state >> 1) ^ (state & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~state
    }

    /// Bytes of a linear congruential generator: reproducible, and no run of equal bytes.
    func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 42
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    static let examples: [(bytes: [UInt8], crc: UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        ((0..<32).reversed(), 0x113F_DB5C),
        ([], 0),
    ]

    @Test("The check value and RFC 3720's examples come out", arguments: examples)
    func published(bytes: [UInt8], crc: UInt32) {
        #expect(cohort_crc32c(0, bytes, bytes.count) == crc)
        #expect(cohort_crc32c_software(0, bytes, bytes.count) == crc)
    }

    @Test(
        "Hardware, tables and the definition agree at every length up to 1,100 and near block sizes"
    )
    func lengths() {
        let blocks = [2 * 768, 3 * 8192, 3 * 8192 + 768, 6 * 8192]
        let lengths = Array(0...1100) + blocks.flatMap { $0 - 17...$0 + 17 }
        let bytes = noise(lengths.max()!)
        for length in lengths {
            let expected = byDefinition(bytes[..<length])
            #expect(cohort_crc32c(0, bytes, length) == expected, "\(length) bytes")
            #expect(cohort_crc32c_software(0, bytes, length) == expected, "\(length) bytes")
        }
    }

    @Test("The start of the bytes needs no alignment")
    func alignment() {
        let bytes = noise(30_000)
        bytes.withUnsafeBytes { raw in
            for offset in 0..<16 {
                let rest = raw[offset...]
                let expected = byDefinition(rest)
                let start = raw.baseAddress! + offset
                #expect(cohort_crc32c(0, start, rest.count) == expected)
                #expect(cohort_crc32c_software(0, start, rest.count) == expected)
            }
        }
    }

    @Test("A checksum continued over pieces equals the checksum of the whole")
    func continued() {
        let bytes = noise(60_000)
        let whole = cohort_crc32c(0, bytes, bytes.count)
        for cut in stride(from: 0, through: bytes.count, by: 1_777) {
            let tail = Array(bytes[cut...])
            #expect(cohort_crc32c(cohort_crc32c(0, bytes, cut), tail, tail.count) == whole)
            let head = cohort_crc32c_software(0, bytes, cut)
            #expect(cohort_crc32c_software(head, tail, tail.count) == whole)
        }
    }

    @Test("No bytes change nothing, even at a null address")
    func empty() {
        #expect(cohort_crc32c(0x1234_5678, nil, 0) == 0x1234_5678)
        #expect(cohort_crc32c_software(0x1234_5678, nil, 0) == 0x1234_5678)
    }
}
