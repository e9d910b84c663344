import Foundation
import GRDB
import GRPO
import Ledger
import Ports
import Synchronization

/// A directory that goes away with the test.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)")
        .path
    var ledger: String { path + "/ledger.sqlite" }

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Changes the file behind the ledger's back.
    func damage(_ sql: String) throws {
        try DatabaseQueue(path: ledger).write { try $0.execute(sql: sql) }
    }

    /// The first column of what `sql` finds.
    func column<Value: DatabaseValueConvertible>(
        _ sql: String, as type: Value.Type = Value.self
    ) throws -> [Value] {
        try DatabaseQueue(path: ledger).read { try Value.fetchAll($0, sql: sql) }
    }

    func size(_ suffix: String = "") throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: ledger + suffix)
        return attributes[.size] as? Int ?? 0
    }
}

let run = LedgerRun(id: "0123456789abcdef0123456789abcdef", configuration: "{}", createdAt: 1)
let ada = WorkerID(name: "ada", incarnation: 7)

func settings(
    _ retention: LedgerRetention = LedgerRetention(),
    clock: any Clock<Duration> = ContinuousClock(),
    pagesMax: Int? = nil, freeBytes: @escaping @Sendable () -> UInt64? = { .max },
    note: @escaping @Sendable (String) -> Void = { _ in }
) -> LedgerSettings {
    LedgerSettings(
        retention: retention,
        room: DiskRoom(directory: "here", clock: clock, free: { _ in freeBytes() }, note: note),
        time: { 1_000_000 }, pagesMax: pagesMax)
}

func key(_ prompt: UInt64, attempt: UInt32 = 0) -> TicketKey {
    TicketKey(pass: 1, promptIndex: UInt32(prompt), attempt: attempt)
}

/// Two completions, of two tokens and of one.
func group(_ ordinal: UInt64, attempt: UInt32 = 0, version: UInt64 = 0, tokens: Int = 2) -> Group {
    let first = Int32(ordinal) * 10
    return Group(
        key: key(ordinal, attempt: attempt), ordinal: ordinal,
        version: PolicyVersion(incarnation: 1, number: version), prompt: [5, 6, first],
        completions: [
            Completion(
                tokens: (0..<tokens).map { first + Int32($0) },
                behaviorLogprobs: (0..<tokens).map { -Float($0) - 0.25 },
                keptLogMasses: [Float](repeating: 0, count: tokens), finishReason: .length,
                reward: 0.1,
                rewards: [0.1, nil]),
            Completion(
                tokens: [3], behaviorLogprobs: [-0.5], keptLogMasses: [-0.125], finishReason: .stop,
                reward: 1, rewards: [1, 0]),
        ])
}

func entry(_ ordinal: UInt64, attempt: UInt32 = 0, version: UInt64 = 0) -> JournalEntry {
    .group(group(ordinal, attempt: attempt, version: version), from: ada)
}

func version(_ number: UInt64, issued: Int = 0, consumed: Int = 0) -> PublishedVersion {
    var accounting = GroupAccounting()
    accounting.issued = issued
    accounting.consumed = consumed
    accounting.journaled = issued - consumed
    return PublishedVersion(
        version: PolicyVersion(incarnation: 1, number: number),
        digest: SnapshotDigest(of: [UInt8(number)]), optimizerSteps: Int(number) * 2,
        tokens: Int(number) * 100,
        accounting: accounting,
        metrics: number == 0 ? "" : #"{"step":\#(number),"loss":0.5,"kl":null}"#)
}

/// A clock whose sleeps take no time and are counted.
final class QuickClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private let elapsed = Mutex(Duration.zero)
    var now: Instant { Instant(offset: elapsed.withLock { $0 }) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        elapsed.withLock { $0 = max($0, deadline.offset) }
        await Task.yield()
    }
}

/// What was noted, in order.
final class Notes: Sendable {
    private let sentences = Mutex<[String]>([])
    var all: [String] { sentences.withLock { $0 } }
    func add(_ sentence: String) { sentences.withLock { $0.append(sentence) } }
}
