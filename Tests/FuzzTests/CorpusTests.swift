import Foundation
import Testing

/// What libFuzzer does for hours, for a second and the same every time: the vectors as they are, and changed
/// at random under right checksums.
@Suite("Inbound parsers and live sessions under changed bytes")
struct CorpusTests {
    private struct Vector: Decodable {
        var from: String
        var frame: String
    }

    private static func frames(from senders: Set<String>) throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../protocols/vectors")
        return try ["rollout-valid", "snapshot-valid", "recorded-1.0"].flatMap { name in
            let data = try Data(contentsOf: folder.appending(path: name + ".json"))
            let vectors = try JSONDecoder().decode([Vector].self, from: data)
            return vectors.filter { senders.contains($0.from) && $0.frame.utf8.count < 3_000 }.map {
                let digits = Array($0.frame.utf8)
                return stride(from: 0, to: digits.count, by: 2).map {
                    value(digits[$0]) << 4 | value(digits[$0 + 1])
                }
            }
        }
    }

    private static func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }

    /// Runs `check` over frames and over `count` changed ones; answers how many of these it accepted.
    private func run(_ senders: Set<String>, count: Int, check: ([UInt8]) -> Bool) throws -> Int {
        let frames = try Self.frames(from: senders)
        let accepted = frames.count { check($0) }
        #expect(accepted == frames.count)
        var noise = Noise(seed: 5)
        return (0..<count).count { round in
            let frame = noise.changed(frames[round % frames.count])
            return check(repaired(frame, payload: round % 4 != 0))
        }
    }

    @Test("Changed frames of workers are messages that can be written again, or errors")
    func workers() throws {
        #expect(try run(["worker"], count: 40_000, check: checkWorkerFrame) > 2_000)
    }

    @Test("Changed frames of learners are messages that can be written again, or errors")
    func learners() throws {
        #expect(try run(["learner"], count: 40_000, check: checkLearnerFrame) > 2_000)
    }

    @Test("Changed frames about snapshots are messages that can be written again, or errors")
    func snapshots() throws {
        #expect(try run(["fetcher", "holder"], count: 40_000, check: checkSnapshotFrame) > 2_000)
    }

    @Test("A live learner session keeps its promises under random events and changed frames")
    func learnerEvents() throws {
        let frames = try Self.frames(from: ["worker"])
        var noise = Noise(seed: 6)
        var received = 0
        for _ in 0..<1_500 {
            received += LearnerWorld.run(noise.events(120, frames: frames)).received
        }
        #expect(received > 20_000)
    }

    @Test("A live worker session keeps its promises under random events and changed frames")
    func workerEvents() throws {
        let frames = try Self.frames(from: ["learner"])
        var noise = Noise(seed: 7)
        var received = 0
        for _ in 0..<1_500 {
            received += WorkerWorld.run(noise.events(120, frames: frames)).received
        }
        #expect(received > 20_000)
    }
}

/// A reproducible stream of random numbers (SplitMix64), and changes made with it.
private struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    private mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// One to three changes behind the prelude.
    mutating func changed(_ frame: [UInt8]) -> [UInt8] {
        var frame = frame
        for _ in 0...index(3) where frame.count > 16 {
            let place = 16 + index(frame.count - 16)
            switch index(4) {
            case 0: frame[place] = byte()
            case 1: frame[place] ^= 1 << (byte() & 7)
            case 2: frame.remove(at: place)
            default: frame.insert(byte(), at: place)
            }
        }
        return frame
    }

    /// Events as bytes, one in eight of them a frame.
    mutating func events(_ count: Int, frames: [[UInt8]]) -> [UInt8] {
        (0..<count).flatMap { _ -> [UInt8] in
            guard index(8) == 0 else {
                let kind = EventStream.frameKinds + index(16 - EventStream.frameKinds)
                return [UInt8(kind), byte(), byte(), byte(), byte()]
            }
            let frame = repaired(changed(frames[index(frames.count)]))
            return EventStream.bytesOf(kind: 0, index(4), index(4), frame: frame)
        }
    }
}
