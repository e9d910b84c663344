import GRPO
import Ledger
import Ports
import Testing

@Suite("A damaged ledger")
struct DamageTests {
    private let scratch: Scratch

    init() async throws {
        scratch = try Scratch()
        let ledger = try Ledger(path: scratch.ledger, run: run, settings: settings())
        try await ledger.commit([
            .start(incarnation: 1), .version(version(0)), entry(0), entry(1),
            .drop(DroppedTicket(ordinal: 2, key: key(2), cause: .badReward)),
            .batch(step: 0, members: [0, 1]), .version(version(1, issued: 3, consumed: 2)),
            .checkpoint(step: 1, at: .start),
        ])
    }

    @Test(
        "Every change of a row is noticed, and the row named",
        arguments: [
            ("UPDATE starts SET incarnation = 2", "entry 1 of the ledger (starts)"),
            ("UPDATE groups SET worker = 'eve' WHERE number = 4", "entry 4 of the ledger (groups)"),
            ("UPDATE groups SET completions = replace(completions, '0.1', '0.9')", "entry 3"),
            ("UPDATE groups SET completion_digests = zeroblob(64) WHERE number = 3", "entry 3"),
            ("UPDATE drops SET cause = 'stale'", "entry 5"),
            ("UPDATE drops SET cause = 5", "entry 5"),
            ("UPDATE batches SET members = '[1,0]'", "entry 6"),
            (
                "UPDATE versions SET accounting = replace(accounting, '3', '4') WHERE version = 1",
                "entry 7"
            ),
            ("UPDATE versions SET metrics = '{}' WHERE version = 1", "entry 7"),
            ("UPDATE checkpoints SET position = 1", "entry 8"),
            ("UPDATE entries SET chain = zeroblob(32) WHERE number = 4", "entry 4"),
            ("UPDATE entries SET chain = 'x' WHERE number = 4", "entry 4"),
            ("UPDATE entries SET kind = 'drop' WHERE number = 4", "entry 4"),
            ("UPDATE entries SET kind = 'x' WHERE number = 4", "entry 4"),
            ("DELETE FROM entries WHERE number = 5", "entry 5"),
            ("DELETE FROM drops", "entry 5"),
        ])
    func rows(sql: String, place: String) throws {
        try scratch.damage(sql)
        let error = #expect(throws: LedgerError.self) {
            try LedgerReader(path: scratch.ledger).records(after: 0, limit: 100)
        }
        #expect(error?.code == .damaged)
        #expect(error?.description.contains(place) == true)
    }

    @Test("A row that the chain covers and that says nothing possible is an error too")
    func impossible() async throws {
        // The last entry, so that its own digest is what would have to fit.
        try scratch.damage("UPDATE checkpoints SET position_chain = x'00'")
        #expect(throws: LedgerError.self) {
            try LedgerReader(path: scratch.ledger).records(after: 7, limit: 1)
        }
    }

    @Test(
        "A payload that does not match its digest is not given out",
        arguments: [
            "UPDATE payloads SET payload = zeroblob(length(payload)) WHERE number = 4",
            "UPDATE payloads SET payload = substr(payload, 1, length(payload) - 1) WHERE number = 4",
            "UPDATE payloads SET payload = (SELECT payload FROM payloads WHERE number = 3) WHERE number = 4",
        ])
    func payloads(sql: String) throws {
        try scratch.damage(sql)
        let reader = try LedgerReader(path: scratch.ledger)
        #expect(try reader.groups(at: [0]) == [group(0)])
        let error = #expect(throws: LedgerError.self) { try reader.groups(at: [1]) }
        #expect(error?.description.contains("entry 4 of the ledger (payloads)") == true)
    }
}
