import GRPO
import Testing

/// A line of `tests/kat_vectors` in the Random123 distribution: "philox4x32 10".
struct PhiloxVector: Sendable {
    var counter: [UInt32]
    var key: [UInt32]
    var expected: [UInt32]
}

private let randomVectors = [
    PhiloxVector(
        counter: [0, 0, 0, 0], key: [0, 0],
        expected: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    PhiloxVector(
        counter: [.max, .max, .max, .max], key: [.max, .max],
        expected: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    PhiloxVector(
        counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
        key: [0xa409_3822, 0x299f_31d0],
        expected: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
]

struct UniformCase: Decodable {
    var seed: String
    var pass: UInt32
    var prompt: UInt32
    var attempt: UInt32
    var sample: UInt32
    var position: UInt32
    var uniform: Double

    var key: SampleKey {
        SampleKey(
            seed: UInt64(seed)!,
            ticket: TicketKey(pass: pass, promptIndex: prompt, attempt: attempt), sample: sample)
    }
}

@Suite struct CounterRandomTests {
    @Test("Philox gives the answers of the Random123 distribution", arguments: randomVectors)
    func knownAnswers(vector: PhiloxVector) {
        let c = vector.counter
        let word = Philox4x32(key: (vector.key[0], vector.key[1]))((c[0], c[1], c[2], c[3]))
        #expect([word.0, word.1, word.2, word.3] == vector.expected)
    }

    @Test("A 64-bit seed is the key, low word first")
    func seed() {
        let a = Philox4x32(seed: 0x299f_31d0_a409_3822)
        #expect(a.key == (0xa409_3822, 0x299f_31d0))
    }

    @Test("Uniform numbers are those of an independent implementation")
    func golden() throws {
        for value in try fixture("random.json", of: UniformCase.self) {
            #expect(Double(value.key.uniform(position: value.position)) == value.uniform)
        }
    }

    @Test("Every part of the key changes the stream")
    func sensitivity() throws {
        let cases = try fixture("random.json", of: UniformCase.self)
        let streams = cases.map { value in
            (0..<8).map { value.key.uniform(position: value.position &+ $0) }
        }
        #expect(Set(streams).count == cases.count)
    }

    @Test("Uniform numbers lie in [0, 1) and have the moments of a uniform distribution")
    func moments() {
        let key = SampleKey(
            seed: 3, ticket: TicketKey(pass: 0, promptIndex: 9, attempt: 0), sample: 2)
        let values = (0..<100_000).map { Double(key.uniform(position: $0)) }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = values.reduce(0, +) / 1e5
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
        // Five standard errors.
        #expect(abs(mean - 0.5) < 5 * 0.2887 / 316)
        #expect(abs(variance - 1.0 / 12) < 5 * 0.0745 / 316)
    }

    @Test("A sequential stream is the cipher over 0, 1, 2, …")
    func sequence() {
        var random = CounterRandom(seed: 11, stream: 1 << 33 | 5)
        let philox = Philox4x32(seed: 11)
        for counter in 0..<4 {
            let block = philox((UInt32(counter), 0, 5, 2))
            #expect(random.next() == UInt64(block.1) << 32 | UInt64(block.0))
        }
    }

    @Test("A shuffle depends on seed and stream only")
    func shuffles() {
        func shuffled(_ seed: UInt64, _ stream: UInt64) -> [Int] {
            var random = CounterRandom(seed: seed, stream: stream)
            return (0..<50).shuffled(using: &random)
        }
        #expect(shuffled(1, 2) == shuffled(1, 2))
        #expect(shuffled(1, 2) != shuffled(1, 3))
        #expect(shuffled(1, 2) != shuffled(2, 2))
    }
}
