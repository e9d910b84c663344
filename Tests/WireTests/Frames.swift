import CChecksums

/// A frame put together from its parts, with a right prelude, whatever the parts are.
func sealed(
    header: [UInt8], payload: [UInt8], type: UInt16, major: UInt8 = 1, minor: UInt8 = 1
) -> [UInt8] {
    var frame: [UInt8] = Array("COHT".utf8) + [major, minor, UInt8(type & 0xFF), UInt8(type >> 8)]
    frame += littleEndian(UInt32(header.count))
    let start = cohort_crc32c(0, frame, frame.count)
    return frame + littleEndian(cohort_crc32c(start, header, header.count)) + header + payload
}

func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A reproducible stream of random numbers (SplitMix64).
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
