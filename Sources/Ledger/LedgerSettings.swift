private import Foundation

/// How large a ledger may become.
package struct LedgerRetention: Hashable, Sendable {
    /// Bytes that the file should stay near. What waits for training or what a kept checkpoint needs stays,
    /// even beyond.
    package var budgetBytes: Int
    /// Batches, counted from the newest, whose tokens stay whatever the budget says.
    package var keepSteps: Int

    package init(budgetBytes: Int = 1 << 30, keepSteps: Int = 0) {
        self.budgetBytes = budgetBytes
        self.keepSteps = keepSteps
    }
}

/// What a ledger needs from its surroundings.
package struct LedgerSettings: Sendable {
    package var retention: LedgerRetention
    /// Bytes that may still be written on the ledger's file system; `nil`: unknown.
    package var freeBytes: @Sendable () -> UInt64?
    /// Told one sentence when a full disk pauses the run, and one when it goes on.
    package var note: @Sendable (String) -> Void
    /// Paces the looks for free space.
    package var clock: any Clock<Duration>
    /// Microseconds since 1970, UTC: when entries are said to have been written.
    package var time: @Sendable () -> Int64
    /// Pages that the file may have at most; beyond, the disk counts as full. `nil`: no limit but the
    /// disk's.
    package var pagesMax: Int?

    package init(
        retention: LedgerRetention = LedgerRetention(),
        clock: any Clock<Duration> = ContinuousClock(),
        time: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1e6) },
        pagesMax: Int? = nil, freeBytes: @escaping @Sendable () -> UInt64?,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.retention = retention
        self.clock = clock
        self.time = time
        self.pagesMax = pagesMax
        self.freeBytes = freeBytes
        self.note = note
    }
}
