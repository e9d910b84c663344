import Testing
import Wire

@Suite("Damaged and random frames") struct DamageTests {
    /// Short enough for trying every value of every byte.
    static let short = Vector.valid.filter { $0.frame.count <= 2 * 100 }
    static let long = Vector.valid.filter { $0.frame.count > 2 * 100 }

    func isError(_ bytes: [UInt8], from sender: String) -> Bool {
        do {
            _ = try AnyMessage(bytes, from: sender)
            return false
        } catch {
            return true
        }
    }

    @Test("Every proper prefix of a valid frame is an error", arguments: Vector.valid)
    func truncated(vector: Vector) throws {
        let bytes = try vector.bytes
        let decoded = bytes.indices.filter { !isError(Array(bytes[..<$0]), from: vector.from) }
        #expect(decoded.isEmpty)
    }

    @Test("Every frame with bytes behind it is an error", arguments: Vector.valid)
    func extended(vector: Vector) throws {
        let bytes = try vector.bytes
        for tail in [[0], [255], bytes] {
            #expect(isError(bytes + tail, from: vector.from))
        }
    }

    @Test("Every other value of every byte of a short valid frame is an error", arguments: short)
    func everyByte(vector: Vector) throws {
        try expectErrors(vector, masks: Array(1...255))
    }

    @Test("Every changed byte of a long valid frame is an error", arguments: long)
    func someMasks(vector: Vector) throws {
        try expectErrors(vector, masks: [1, 2, 4, 8, 16, 32, 64, 128, 255])
    }

    private func expectErrors(_ vector: Vector, masks: [UInt8]) throws {
        var bytes = try vector.bytes
        var accepted: [(byte: Int, mask: UInt8)] = []
        for index in bytes.indices {
            for mask in masks {
                bytes[index] ^= mask
                if !isError(bytes, from: vector.from) { accepted.append((index, mask)) }
                bytes[index] ^= mask
            }
        }
        #expect(accepted.isEmpty)
    }

    @Test("A frame longer than its protocol allows is refused for its length alone")
    func tooLong() {
        for (sender, limit) in [
            ("worker", WireLimits.rolloutFrameBytes), ("learner", WireLimits.rolloutFrameBytes),
            ("fetcher", WireLimits.snapshotFrameBytes), ("holder", WireLimits.snapshotFrameBytes),
        ] {
            let bytes = [UInt8](repeating: 0, count: limit + 1)
            #expect(
                code { () throws(WireError) in try AnyMessage(bytes, from: sender) }
                    == .limitExceeded)
            let fits = Array(bytes.dropLast())
            #expect(
                code { () throws(WireError) in try AnyMessage(fits, from: sender) } == .badMagic)
        }
    }

    @Test("200,000 frames of random bytes are errors, none a trap")
    func random() {
        var generator = Noise(seed: 1)
        var accepted = 0
        for round in 0..<200_000 {
            let bytes = generator.bytes(Int.random(in: 0..<200, using: &generator))
            accepted += isError(bytes, from: AnyMessage.senders[round % 4]) ? 0 : 1
        }
        #expect(accepted == 0)
    }

    /// Random bytes stop at the first checksum; these go all the way to the values.
    @Test("200,000 random headers and payloads with right checksums do not trap")
    func randomBehindChecksums() {
        var generator = Noise(seed: 2)
        for _ in 0..<200_000 {
            let type = MessageType.allCases.randomElement(using: &generator)!
            let header = generator.bytes(Int.random(in: 0..<60, using: &generator))
            let frame = sealed(header: header, payload: [], type: type.rawValue)
            for sender in AnyMessage.senders { _ = isError(frame, from: sender) }
        }
    }

    @Test("200,000 mutated headers with right checksums give a message that encodes, or an error")
    func mutatedHeaders() throws {
        var generator = Noise(seed: 3)
        let vectors = Vector.valid.filter { $0.frame.count < 2_000 }
        let frames = try vectors.map { (try $0.bytes, $0.from) }
        var decoded = 0
        var changed = 0
        for round in 0..<200_000 {
            let (bytes, sender) = frames[round % frames.count]
            let mutant = mutated(bytes, using: &generator)
            guard let message = try? AnyMessage(mutant, from: sender) else { continue }
            decoded += 1
            // What the decoder lets through obeys the encoder's rules, and survives the round trip.
            let again = try AnyMessage(message.encode(), from: sender)
            changed += again.shown == message.shown ? 0 : 1
        }
        #expect(changed == 0)
        #expect(decoded > 1_000, "the mutations are too coarse to get past the parser: \(decoded)")
    }

    /// The frame with one to three changes in its header, under a right prelude.
    private func mutated(_ frame: [UInt8], using generator: inout Noise) -> [UInt8] {
        let end = 16 + Int(frame[8]) + Int(frame[9]) << 8
        var header = Array(frame[16..<end])
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !header.isEmpty {
            let index = Int.random(in: header.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: header[index] = .random(in: 0...255, using: &generator)
            case 1: header[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: header.remove(at: index)
            default: header.insert(.random(in: 0...255, using: &generator), at: index)
            }
        }
        let type = UInt16(frame[6]) | UInt16(frame[7]) << 8
        return sealed(header: header, payload: Array(frame[end...]), type: type)
    }
}
