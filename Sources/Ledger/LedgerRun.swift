internal import GRDB

/// What a ledger says about its run, once.
package struct LedgerRun: Hashable, Sendable {
    /// 32 hexadecimal digits.
    package var id: String
    /// The resolved configuration that the run was started with, one JSON object.
    package var configuration: String
    /// When the ledger was made; microseconds since 1970, UTC.
    package var createdAt: Int64

    package init(id: String, configuration: String, createdAt: Int64) {
        self.id = id
        self.configuration = configuration
        self.createdAt = createdAt
    }

    init(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT id, configuration, created_at FROM run LIMIT 2")
        guard rows.count == 1, let id = String.fromDatabaseValue(rows[0][0]),
            let configuration = String.fromDatabaseValue(rows[0][1]),
            let createdAt = Int64.fromDatabaseValue(rows[0][2])
        else {
            throw LedgerError(
                .damaged,
                "the ledger says nothing usable about its run (table run); restore the file")
        }
        self.init(id: id, configuration: configuration, createdAt: createdAt)
    }

    func insert(_ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO run (id, configuration, created_at) VALUES (?, ?, ?)",
            arguments: [id, configuration, createdAt])
    }
}
