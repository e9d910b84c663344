import Foundation
import Testing
import cohort

@Suite("cohort verify")
struct VerificationTests {
    /// A change and a part of the sentence that must name it.
    struct Change: CustomTestStringConvertible {
        var sql: String
        var finding: String
        var testDescription: String { sql }

        init(_ sql: String, _ finding: String) {
            self.sql = sql
            self.finding = finding
        }
    }

    private func expectViolation(_ run: RecordedRun, _ finding: String) throws {
        let failure = #expect(throws: CommandFailure.self) { try run.verify() }
        #expect(failure?.exitCode == .badData)
        #expect(failure?.message.contains(finding) == true, "\(failure?.message ?? "")")
    }

    @Test("A whole run passes, and the report counts what was checked")
    func whole() async throws {
        let report = try await RecordedRun().verify()
        #expect(report.lines.map(\.count) == [16, 6, 6, 2, 3, 1, 2, 2])
        let balance = report.balance
        #expect((balance.issued, balance.journaled, balance.consumed) == (7, 1, 4))
        #expect(balance.dropped == ["stale": 1, "bad_reward": 1])
        #expect(report.text.contains("no violation found"))
    }

    @Test("Removed tokens of finished groups are no violation, those of a group still needed are")
    func pruned() async throws {
        let run = try await RecordedRun()
        try run.damage(
            "DELETE FROM payloads WHERE number IN (SELECT number FROM groups WHERE step = 0)")
        #expect(try run.verify().lines[2].count == 4)
        try run.damage(
            "DELETE FROM payloads WHERE number IN (SELECT number FROM groups WHERE step = 1)")
        try expectViolation(
            run, "entry 12 (payloads): the tokens are missing of a group that is still needed")
    }

    @Test(
        "Every damaged row is found and named",
        arguments: [
            Change("UPDATE starts SET incarnation = 5 WHERE number = 1", "entry 1 (starts)"),
            Change("UPDATE groups SET worker = 'eve' WHERE number = 3", "entry 3 (groups)"),
            Change(
                "UPDATE groups SET completions = replace(completions, '0.1', '0.9') WHERE number = 4",
                "entry 4 (groups)"),
            Change("UPDATE drops SET cause = 'drained' WHERE number = 10", "entry 10 (drops)"),
            Change("UPDATE batches SET members = '[0,0]' WHERE step = 0", "entry 5 (batches)"),
            Change(
                "UPDATE versions SET accounting = replace(accounting, '7', '8')",
                "entry 16 (versions)"),
            Change(
                "UPDATE versions SET metrics = '{\"step\":1,\"loss\":0}' WHERE version = 1",
                "entry 6 (versions)"),
            Change("UPDATE checkpoints SET step = 2", "entry 7 (checkpoints)"),
            Change("UPDATE entries SET chain = zeroblob(32) WHERE number = 4", "entry 4 (groups)"),
            Change(
                "UPDATE entries SET kind = 'party' WHERE number = 4", "entry 4: there is no kind"),
            Change("DELETE FROM entries WHERE number = 9", "entry 9: it is missing"),
            Change("DELETE FROM groups WHERE number = 9", "entry 9 (groups): the row is missing"),
            Change(
                "DELETE FROM entries WHERE number = 16", "entry 16 (versions): the row has no entry"
            ),
            Change(
                "INSERT INTO payloads VALUES (5, x'00')", "entry 5 (payloads): the row has no group"
            ),
            Change(
                "UPDATE payloads SET payload = zeroblob(length(payload)) WHERE number = 4",
                "entry 4 (payloads)"),
            Change(
                "UPDATE groups SET step = NULL WHERE number = 4",
                "entry 4 (groups): its columns step and dropped"),
            Change(
                "UPDATE groups SET dropped = 11 WHERE number = 14",
                "entry 14 (groups): its columns step and dropped"),
            Change("UPDATE run SET configuration = '{}'", "configuration"),
            Change("UPDATE run SET id = 'def'", "the ledger is of run def"),
        ])
    func damage(change: Change) async throws {
        let run = try await RecordedRun()
        try run.damage(change.sql)
        try expectViolation(run, change.finding)
    }

    @Test(
        "A history that cannot be is found also where all digests fit",
        arguments: [
            Change(
                "UPDATE starts SET incarnation = 1",
                "entry 8 (starts): incarnation 1 comes after incarnation 1"),
            Change(
                "UPDATE batches SET members = '[0,0]' WHERE step = 0",
                "entry 5 (batches): batch 0 has a member at place 0"),
            Change(
                "UPDATE batches SET members = '[0,2]' WHERE step = 0",
                "entry 5 (batches): batch 0 has a member at place 2"),
            Change(
                "UPDATE batches SET members = '[]' WHERE step = 0",
                "entry 5 (batches): batch 0 has no members"),
            Change(
                "UPDATE batches SET step = 3 WHERE step = 1",
                "entry 15 (batches): it is batch 3 where batch 1"),
            Change("UPDATE groups SET attempt = 0 WHERE number = 13", "entry 13 (groups)"),
            Change(
                "UPDATE groups SET version = 0 WHERE number = 12",
                "entry 12 (groups): its version is not the payload's"),
            Change(
                "UPDATE groups SET completions = replace(completions, '0.1', '0.9') WHERE number = 4",
                "its completions are not"),
            Change(
                "UPDATE groups SET completion_digests = zeroblob(64) WHERE number = 4",
                "a digest of its completions"),
            Change(
                "UPDATE groups SET tokens_offset = 1000000 WHERE number = 4",
                "its tokens_offset is not possible"),
            Change(
                "UPDATE drops SET attempt = 1 WHERE number = 10", "entry 12 (groups): the group of"),
            Change(
                "UPDATE versions SET version = 0 WHERE version = 1",
                "entry 6 (versions): version 0 follows version 0"),
            Change(
                "UPDATE versions SET version = 3 WHERE version = 2",
                "entry 16 (versions): version 3"),
            Change(
                "UPDATE versions SET version = 1 WHERE version = 2", "version 1 has another digest"),
            Change(
                "UPDATE versions SET incarnation = 1",
                "entry 16 (versions): incarnation 1 published"),
            Change(
                "UPDATE versions SET accounting = replace(accounting, '\"issued\":7', '\"issued\":8')",
                "does not balance"),
            Change(
                "UPDATE versions SET accounting = replace(replace(accounting, '\"issued\":7', '\"issued\":8'), "
                    + "'\"journaled\":1', '\"journaled\":2')",
                "has 8 groups in durable states, and the rows before it have 7"),
            Change(
                "UPDATE versions SET accounting = replace(replace(accounting, '\"consumed\":4', '\"consumed\":5'), "
                    + "'\"journaled\":1', '\"journaled\":0')", "has 5 groups consumed"),
            Change(
                "UPDATE versions SET accounting = replace(replace(accounting, '\"stale\":1', '\"stale\":2'), "
                    + "'\"journaled\":1', '\"journaled\":0')", "has 2 groups dropped as stale"),
            Change(
                "UPDATE versions SET digest = zeroblob(32) WHERE version = 1",
                "entry 7 (checkpoints)"),
            Change(
                "UPDATE versions SET digest = zeroblob(32) WHERE version = 2", "it is not version 2"
            ),
            Change("UPDATE checkpoints SET position = 5", "entry 7 (checkpoints)"),
            Change("UPDATE starts SET at = 2 WHERE number = 1", "entry 7 (checkpoints)"),
        ])
    func forgery(change: Change) async throws {
        let run = try await RecordedRun()
        try run.forge(change.sql)
        try expectViolation(run, change.finding)
    }

    @Test(
        "Digests computed again after no change are the same: the documented chain is the real one")
    func chain() async throws {
        let run = try await RecordedRun()
        try run.forge("SELECT 1")
        #expect(try run.verify().lines[0].count == 16)
    }

    @Test("A flipped byte in the middle of the file is found")
    func flipped() async throws {
        let run = try await RecordedRun()
        try run.flushLog()
        let file = URL(filePath: run.directory.ledger)
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.range(of: Data("COHT".utf8), in: 200..<bytes.count))
        bytes[place.upperBound + 20] ^= 1
        try bytes.write(to: file)
        try expectViolation(run, "(payloads)")
    }

    @Test("Files beside the ledger that say something else are found")
    func files() async throws {
        for (file, text, finding) in [
            (
                "metrics.jsonl", "{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":9}\n",
                "line 2: it is not what"
            ),
            ("metrics.jsonl", "{\"step\":2,\"loss\":2}\n", "step 1 is missing"),
            (
                "metrics.jsonl", "{\"step\":1,\"loss\":1}\n{\"step\":1,\"loss\":1}\n",
                "line 2: step 1 is there twice"
            ),
            ("metrics.jsonl", "{\"step\":9,\"loss\":1}\n", "line 1: step 9 is beyond"),
            ("metrics.jsonl", "nothing\n", "line 1: it is no row"),
            ("model/model.safetensors", "other weights", "model.safetensors: it does not have"),
            ("checkpoints/checkpoint-1/optimizer.safetensors", "x", "checkpoint-1"),
            ("run-id", "def\n", "run-id"),
        ] {
            let run = try await RecordedRun()
            try put(text, at: run.path + "/" + file)
            try expectViolation(run, finding)
        }
    }

    @Test("A directory without a ledger is no run to verify, and nothing is made in it")
    func none() throws {
        try withTemporaryDirectory { path in
            #expect(throws: (any Error).self) {
                try RunVerification(directory: RunDirectory(existing: path)).report()
            }
            let left = try names(in: path)
            #expect(left.isEmpty)
        }
    }
}
