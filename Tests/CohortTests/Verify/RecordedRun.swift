import Checkpoints
import Crypto
import Foundation
import GRDB
import GRPO
import Ledger
import Ports
import cohort

/// A short run's records in a directory of its own: two batches of two groups, a group dropped after it was
/// journaled, a ticket dropped without one, a group that waits, a checkpoint of step 1, and a second start.
final class RecordedRun {
    let path = NSTemporaryDirectory() + "verify-" + UUID().uuidString
    var directory: RunDirectory { RunDirectory(existing: path) }
    let weights: [UInt8] = Array("the weights of version 2".utf8)

    init() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let ledger = try Ledger(
            path: directory.ledger,
            run: LedgerRun(
                id: "abc", configuration: try ResolvedConfiguration(ConfigurationSources()).json,
                createdAt: 1),
            settings: LedgerSettings(
                room: DiskRoom(directory: path, clock: ContinuousClock(), note: { _ in }), time: { 1 }))
        let position = try await ledger.commit([
            .start(incarnation: 1), version(0, [0, 0, 0, 0]),
            group(0, version: 0), group(1, version: 0), .batch(step: 0, members: [0, 1]),
            version(1, [2, 0, 2, 0]),
        ])
        try save(position)
        try await ledger.commit([
            .checkpoint(step: 1, at: position), .start(incarnation: 2),
            group(2, version: 1), .drop(ticket(2, .stale)), .drop(ticket(3, .badReward)),
            group(2, attempt: 1, version: 1), group(3, attempt: 1, version: 1),
            group(4, version: 1),
            .batch(step: 1, members: [3, 2]), version(2, [7, 1, 4, 2], incarnation: 2),
        ])
        try put("abc\n", at: path + "/run-id")
        try put(
            #"{"step":1,"loss":1}"# + "\n" + #"{"step":2,"loss":2}"# + "\n", at: directory.metrics)
        try saveModel()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func verify() throws -> VerificationReport {
        try RunVerification(directory: directory).report()
    }

    /// Changes the ledger behind its back.
    func damage(_ sql: String) throws {
        try DatabaseQueue(path: directory.ledger).write { try $0.execute(sql: sql) }
    }

    /// Carries what is in the log over into the file.
    func flushLog() throws {
        try DatabaseQueue(path: directory.ledger).writeWithoutTransaction {
            _ = try $0.checkpoint(.truncate)
        }
    }

    /// As somebody would who computes all digests again after a change.
    func forge(_ sql: String) throws {
        try damage(sql)
        try DatabaseQueue(path: directory.ledger).write(chainAnew)
    }

    private func group(
        _ ordinal: UInt64, attempt: UInt32 = 0, version: UInt64
    ) -> JournalEntry {
        .group(
            Group(
                key: key(ordinal, attempt), ordinal: ordinal,
                version: PolicyVersion(incarnation: 1, number: version),
                prompt: [1, Int32(ordinal)],
                completions: [
                    Completion(
                        tokens: [7, 8], behaviorLogprobs: [-0.5, -0.25], keptLogMasses: [0, 0],
                        finishReason: .stop, reward: 0.1, rewards: [0.1, nil]),
                    Completion(
                        tokens: [9], behaviorLogprobs: [-1], keptLogMasses: [0],
                        finishReason: .length,
                        reward: 1, rewards: [1, .nan]),
                ]), from: WorkerID(name: "ada", incarnation: 3))
    }

    private func key(_ ordinal: UInt64, _ attempt: UInt32) -> TicketKey {
        TicketKey(pass: 0, promptIndex: UInt32(ordinal), attempt: attempt)
    }

    private func ticket(_ ordinal: UInt64, _ cause: DropCause) -> DroppedTicket {
        DroppedTicket(ordinal: ordinal, key: key(ordinal, 0), cause: cause)
    }

    /// `counts`: issued, journaled, consumed, dropped.
    private func version(
        _ number: UInt64, _ counts: [Int], incarnation: UInt32 = 1
    ) -> JournalEntry {
        var accounting = GroupAccounting()
        accounting.issued = counts[0]
        accounting.journaled = counts[1]
        accounting.consumed = counts[2]
        for cause in [DropCause.stale, .badReward].prefix(counts[3]) { accounting.drop(cause) }
        return .version(
            PublishedVersion(
                version: PolicyVersion(incarnation: incarnation, number: number),
                digest: SnapshotDigest(of: number == 2 ? weights : [UInt8(number)]),
                optimizerSteps: Int(number),
                tokens: Int(number), accounting: accounting,
                metrics: number == 0 ? "" : #"{"step":\#(number),"loss":\#(number)}"#))
    }

    private func save(_ position: JournalPosition) throws {
        let state = try JSONEncoder().encode(["journal": position])
        _ = try CheckpointDirectory(path: directory.checkpoints).save(
            Checkpoint(
                step: 1, config: [1], weights: [1], optimizer: [2], trainerState: Array(state),
                passThrough: []))
    }

    private func saveModel() throws {
        try FileManager.default.createDirectory(
            atPath: directory.model, withIntermediateDirectories: false)
        try Data(weights).write(to: URL(filePath: directory.model + "/model.safetensors"))
        var summary = RunSummary(run: "r", outcome: .completed, seed: 1)
        summary.weightsSHA256 = hexadecimal(SnapshotDigest.sha256(weights[...]))
        try summary.write(to: directory.summary)
    }
}

/// Computes the chain of all entries as `protocols/3-LEDGER.md` says.
private func chainAnew(_ db: Database) throws {
    let columns = [
        "start": ("starts", "incarnation, at"),
        "group": (
            "groups",
            "ordinal, pass, prompt_index, attempt, version, version_incarnation, worker, worker_incarnation, at, "
                + "prompt_tokens, completion_tokens, payload_bytes, digest, tokens_offset, completions, "
                + "completion_digests"
        ),
        "drop": ("drops", "ordinal, pass, prompt_index, attempt, cause, detail, at"),
        "batch": ("batches", "step, members, at"),
        "version": (
            "versions",
            "version, incarnation, digest, optimizer_steps, tokens, accounting, metrics, at"
        ),
        "checkpoint": ("checkpoints", "step, position, position_chain, at"),
    ]
    var chain = Data(count: 32)
    for entry in try Row.fetchAll(db, sql: "SELECT number, kind FROM entries ORDER BY number") {
        let (number, kind): (Int64, String) = (entry[0], entry[1])
        guard let (table, names) = columns[kind],
            let row = try Row.fetchOne(
                db, sql: "SELECT \(names) FROM \(table) WHERE number = \(number)")
        else { continue }
        let values = [number.databaseValue, kind.databaseValue] + row.databaseValues
        chain = Data(SHA256.hash(data: values.reduce(chain) { $0 + bytes(of: $1) }))
        try db.execute(
            sql: "UPDATE entries SET chain = ? WHERE number = ?", arguments: [chain, number])
    }
}

private func bytes(of value: DatabaseValue) -> Data {
    func little(_ number: Int) -> Data {
        withUnsafeBytes(of: Int64(number).littleEndian) { Data($0) }
    }
    return switch value.storage {
    case .int64(let number): Data([1]) + little(Int(number))
    case .string(let text): Data([2]) + little(text.utf8.count) + Data(text.utf8)
    case .blob(let data): Data([3]) + little(data.count) + data
    default: Data([0])
    }
}
