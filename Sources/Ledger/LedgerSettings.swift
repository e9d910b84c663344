private import Foundation
package import Ports

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
    /// Where the run waits while the disk is full.
    package var room: DiskRoom
    /// Microseconds since 1970, UTC: when entries are said to have been written.
    package var time: @Sendable () -> Int64
    /// Pages that the file may have at most; beyond, the disk counts as full. `nil`: no limit but the
    /// disk's.
    package var pagesMax: Int?

    package init(
        retention: LedgerRetention = LedgerRetention(), room: DiskRoom,
        time: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1e6) },
        pagesMax: Int? = nil
    ) {
        self.retention = retention
        self.room = room
        self.time = time
        self.pagesMax = pagesMax
    }
}
