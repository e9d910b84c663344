import GRDB
import GRPO
import Ports

/// The audit of one ledger as it stands at one moment.
struct LedgerAudit {
    private(set) var history: HistoryAudit
    private(set) var entries = 0
    private(set) var groups = 0
    private(set) var payloads = 0
    /// Checkpoints as the ledger has them.
    private(set) var checkpoints: [(step: Int, number: Int64, position: JournalPosition)] = []
    private var chains: [[UInt8]] = [JournalPosition.start.chain]
    private var withPayload: Set<Int64> = []

    init(maxStaleness: Int) { history = HistoryAudit(maxStaleness: maxStaleness) }

    mutating func run(_ db: Database) throws {
        let groupAudit = GroupAudit(db: db)
        try ChainAudit(db: db).walk { row, chain in
            entries += 1
            chains.append(chain)
            try history.take(row)
            switch row.table.kind {
            case "group":
                groups += 1
                guard try groupAudit.check(row) else { break }
                payloads += 1
                withPayload.insert(row.number)
            case "checkpoint": try takeCheckpoint(row)
            default: break
            }
        }
        try checkFates(db)
    }

    private mutating func takeCheckpoint(_ row: LedgerRow) throws {
        let position = JournalPosition(
            count: try row.integer("position"), chain: try row.bytes("position_chain"))
        guard position.count < row.number, holds(position) else {
            throw violation(
                row.place, "the ledger was never at the position that the checkpoint names")
        }
        checkpoints.append((try row.natural("step"), row.number, position))
    }

    /// Whether the ledger went through this position.
    func holds(_ position: JournalPosition) -> Bool {
        chains.indices.contains(Int(clamping: position.count))
            && chains[Int(position.count)] == position.chain
    }

    /// The columns `step` and `dropped` of the groups are derived from batches and drops, and outside the
    /// chain.
    private func checkFates(_ db: Database) throws {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT number, step, dropped FROM groups ORDER BY number")
        while let row = try rows.next() {
            let number: Int64 = row[0]
            let expected: [Int64?] =
                switch history.fates[number] {
                case nil: [nil, nil]
                case .step(let step): [step, nil]
                case .drop(let drop): [nil, drop]
                }
            let found: [DatabaseValue] = [row[1], row[2]]
            guard found == expected.map(\.databaseValue) else {
                throw violation(
                    "entry \(number) (groups)",
                    "its columns step and dropped are not what batches and drops say")
            }
        }
    }

    /// Throws unless the tokens of every group are there that a run going on from batch `step` would need.
    func checkPayloads(neededFrom step: Int) throws {
        let replayed = history.fates.filter {
            if case .step(let own) = $0.value { own >= Int64(step) } else { false }
        }
        for number in (history.waitingNumbers + replayed.keys).sorted()
        where !withPayload.contains(number) {
            throw violation(
                "entry \(number) (payloads)",
                "the tokens are missing of a group that is still needed")
        }
    }
}

extension Int64? {
    fileprivate var databaseValue: DatabaseValue { map(\.databaseValue) ?? .null }
}
