import GRPO
import Ports

/// Follows a run through its entries and holds every one against those before it.
struct HistoryAudit {
    /// `cluster.max_staleness`
    let maxStaleness: Int

    private var waiting: [Int64: WaitingGroup] = [:]
    private var journaled: Set<TicketKey> = []
    private var droppedKeys: Set<TicketKey> = []
    private var incarnation: Int64 = 0
    private(set) var consumed = 0
    private(set) var dropped: [String: Int] = [:]
    /// Groups consumed by the batches before and with each step.
    private var consumedThrough: [Int64: Int] = [:]
    private(set) var steps: [Int64] = []
    private(set) var versions = VersionAudit()
    /// What `groups.step` and `groups.dropped` have to say.
    private(set) var fates: [Int64: Fate] = [:]

    enum Fate: Hashable {
        case step(Int64)
        case drop(Int64)
    }

    private struct WaitingGroup {
        var number: Int64
        var key: TicketKey
        var version: Int64
    }

    init(maxStaleness: Int) { self.maxStaleness = maxStaleness }

    /// Groups that wait for their batch.
    var waitingCount: Int { waiting.count }
    var waitingNumbers: [Int64] { waiting.values.map(\.number) }
    /// Groups and tickets with a row that says what became of them.
    private var durable: Int { waiting.count + consumed + dropped.values.reduce(0, +) }

    mutating func take(_ row: LedgerRow) throws {
        switch row.table.kind {
        case "start": try takeStart(row)
        case "group": try takeGroup(row)
        case "drop": try takeDrop(row)
        case "batch": try takeBatch(row)
        case "version":
            try versions.take(row, incarnation: incarnation, steps: steps)
            try checkAccounting(row)
        default: break
        }
    }

    private mutating func takeStart(_ row: LedgerRow) throws {
        let next = try row.integer("incarnation")
        guard next > incarnation else {
            throw violation(row.place, "incarnation \(next) comes after incarnation \(incarnation)")
        }
        incarnation = next
    }

    private mutating func takeGroup(_ row: LedgerRow) throws {
        let (ordinal, key) = (try row.integer("ordinal"), try key(row))
        guard journaled.insert(key).inserted, !droppedKeys.contains(key) else {
            throw violation(row.place, "the group of \(key) was journaled or dropped before")
        }
        guard waiting[ordinal] == nil else {
            throw violation(row.place, "a group waits at place \(ordinal) already")
        }
        waiting[ordinal] = WaitingGroup(
            number: row.number, key: key, version: try row.integer("version"))
    }

    private mutating func takeDrop(_ row: LedgerRow) throws {
        let (ordinal, key) = (try row.integer("ordinal"), try key(row))
        guard droppedKeys.insert(key).inserted else {
            throw violation(row.place, "\(key) was dropped before")
        }
        if let group = waiting[ordinal], group.key == key {
            waiting[ordinal] = nil
            fates[group.number] = .drop(row.number)
        } else if journaled.contains(key) {
            throw violation(row.place, "\(key) was consumed, or journaled for another place")
        }
        dropped[try row.text("cause"), default: 0] += 1
    }

    private mutating func takeBatch(_ row: LedgerRow) throws {
        let step = try row.integer("step")
        let expected = steps.last.map { $0 + 1 } ?? versions.first ?? 0
        guard step == expected else {
            throw violation(row.place, "it is batch \(step) where batch \(expected) has its turn")
        }
        let members = try row.json("members", as: [Int64].self)
        guard !members.isEmpty else { throw violation(row.place, "batch \(step) has no members") }
        for ordinal in members {
            guard let group = waiting.removeValue(forKey: ordinal) else {
                throw violation(
                    row.place,
                    "batch \(step) has a member at place \(ordinal), where no group waits: it was never "
                        + "admitted, was dropped, or was consumed before")
            }
            guard group.version <= step, group.version >= step - Int64(maxStaleness) else {
                throw violation(
                    row.place,
                    "the member at place \(ordinal) (entry \(group.number)) is of version \(group.version), and "
                        + "batch \(step) may have versions \(max(0, step - Int64(maxStaleness))) to \(step)"
                )
            }
            fates[group.number] = .step(step)
        }
        steps.append(step)
        consumed += members.count
        consumedThrough[step] = consumed
    }

    /// `issued = leased + received + journaled + consumed + Σ dropped`, and its durable states against the
    /// rows so far. What is on its way to the journal counts as received; a batch that is replayed after a
    /// restart may count as consumed or not.
    private func checkAccounting(_ row: LedgerRow) throws {
        let accounting = try row.json("accounting", as: GroupAccounting.self)
        guard accounting.isBalanced else {
            throw violation(row.place, "its accounting does not balance")
        }
        let recorded = accounting.journaled + accounting.consumed + accounting.droppedTotal
        guard recorded <= durable, durable <= recorded + accounting.received else {
            throw violation(
                row.place,
                "its accounting has \(recorded) groups in durable states, and the rows before it have \(durable)"
            )
        }
        let least = consumedThrough[try row.integer("version") - 1] ?? 0
        guard (least...consumed).contains(accounting.consumed) else {
            throw violation(
                row.place,
                "its accounting has \(accounting.consumed) groups consumed, and the batches \(consumed)"
            )
        }
        for (cause, count) in accounting.dropped where count > dropped[cause, default: 0] {
            throw violation(
                row.place,
                "its accounting has \(count) groups dropped as \(cause), and the rows \(dropped[cause, default: 0])"
            )
        }
    }

    private func key(_ row: LedgerRow) throws -> TicketKey {
        let parts = try ["pass", "prompt_index", "attempt"].map { column in
            guard let part = UInt32(exactly: try row.integer(column)) else {
                throw row.impossible(column)
            }
            return part
        }
        return TicketKey(pass: parts[0], promptIndex: parts[1], attempt: parts[2])
    }
}
