import Foundation
import GRDB
import GRPO
import Ledger
import Ports
import Testing

@Suite("The views for people who query the file")
struct ViewTests {
    private let scratch: Scratch

    init() async throws {
        scratch = try Scratch()
        let ledger = try Ledger(path: scratch.ledger, run: run, settings: settings())
        try await ledger.commit([
            .start(incarnation: 1), .version(version(0)), entry(0), entry(1), entry(2),
            .drop(DroppedTicket(ordinal: 1, key: key(1), cause: .stale)),
            .batch(step: 0, members: [0]), .version(version(1, issued: 3, consumed: 1)),
        ])
    }

    private func rows(_ sql: String) throws -> [Row] {
        try DatabaseQueue(path: scratch.ledger).read { try Row.fetchAll($0, sql: sql) }
    }

    private func values<Element>(_ blob: Data, _: Element.Type) -> [Element] {
        blob.withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
    }

    @Test("A completion's tokens and log-probabilities are cut out of the payload")
    func completions() throws {
        let rows = try rows("SELECT * FROM completions WHERE ordinal = 2 ORDER BY sample")
        #expect(rows.count == 2)
        for (row, completion) in zip(rows, group(2).completions) {
            #expect(values(row["tokens"], Int32.self) == completion.tokens)
            #expect(values(row["behavior_logprobs"], Float.self) == completion.behaviorLogprobs)
            #expect(row["reward"] == completion.reward)
            #expect((row["digest"] as String).count == 64)
        }
        #expect(rows.map { $0["rewards"] as String } == ["[0.1,null]", "[1.0,0.0]"])
        #expect(rows.map { $0["finish_reason"] as String } == ["length", "stop"])
        #expect(rows[0]["policy_versions"] == "[[0,2,0,1]]")
    }

    @Test("A prompt has its tokens and what became of its groups")
    func prompts() throws {
        let row = try #require(try rows("SELECT * FROM prompts WHERE prompt_index = 1").first)
        #expect(values(row["tokens"], Int32.self) == [5, 6, 10])
        #expect((row["groups"], row["consumed"], row["dropped"]) as (Int, Int, Int) == (1, 0, 1))
    }

    @Test("Every group is in one state, and the balance adds up")
    func states() throws {
        let states = try rows("SELECT state, step, cause FROM group_states ORDER BY ordinal")
        #expect(states.map { $0["state"] as String } == ["consumed", "dropped", "journaled"])
        #expect(states[0]["step"] == 0)
        #expect(states[1]["cause"] == "stale")
        let balance = try rows(
            "SELECT issued, leased, received, journaled, consumed, dropped FROM balance")[0]
        #expect(Array(balance.databaseValues) == [3, 0, 0, 1, 1, 1].map(\.databaseValue))
    }

    @Test("Steps, metrics and leases are one row each")
    func steps() throws {
        let step = try rows("SELECT * FROM steps")[0]
        #expect((step["step"], step["version"], step["groups"]) as (Int, Int, Int) == (0, 1, 1))
        #expect(step["digest"] == SnapshotDigest(of: [1]).description)
        let metrics = try rows("SELECT * FROM metrics ORDER BY name")
        #expect(metrics.map { $0["name"] as String } == ["kl", "loss"])
        #expect(metrics.map { $0["value"] as Double? } == [nil, 0.5])
        #expect(try rows("SELECT issued FROM leases").map { $0[0] as Int } == [0, 3])
    }
}
