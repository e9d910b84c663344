package import Ports

/// Why a ledger cannot be used, or cannot be used any longer. One sentence: what is wrong, in which file or
/// row, and what to do.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// There is no such file, or it may not be read.
        case noFile
        /// Not a ledger, one of another run, or one of a newer program.
        case wrongFile
        /// What the file holds cannot have been written by a learner.
        case damaged
        /// The group's tokens were removed to keep the file small.
        case pruned
        /// An entry contradicts those before it: a group twice, a member that does not wait.
        case contradiction
        /// The disk failed. Nothing may be written with this ledger any more.
        case inputOutput
        /// The disk is full; the same entries may be written later.
        case full
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Something is wrong with one row.
    static func damaged(_ table: String, _ number: Int64, _ what: String) -> LedgerError {
        LedgerError(
            .damaged,
            "entry \(number) of the ledger (\(table)) is damaged: \(what); restore the file, or go on from an "
                + "earlier copy of the run")
    }
}

extension LedgerError: RoomError {
    /// SQLite does not say how much it wanted.
    package var bytesWithoutRoom: UInt64? { code == .full ? 0 : nil }
}
