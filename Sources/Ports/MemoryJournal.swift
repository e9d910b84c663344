package import GRPO
internal import Synchronization

/// A journal that lasts as long as its process: for tests, simulations and measurements.
package final class MemoryJournal: Journal {
    private struct State {
        var entries: [JournalEntry] = []
        var groups: [UInt64: Group] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// A journal that begins with these entries, as one that its learner left behind.
    package convenience init(_ entries: some Sequence<JournalEntry>) {
        self.init()
        commit(Array(entries))
    }

    package var entries: [JournalEntry] { state.withLock { $0.entries } }

    @discardableResult
    package func commit(_ entries: [JournalEntry]) -> JournalPosition {
        state.withLock { state in
            for entry in entries {
                state.entries.append(entry)
                if case .group(let group, _) = entry { state.groups[group.ordinal] = group }
            }
            return JournalPosition(
                count: Int64(state.entries.count), chain: JournalPosition.start.chain)
        }
    }

    package func records(after position: Int64, limit: Int) -> [JournalRecord] {
        state.withLock { $0.entries.dropFirst(Int(position)).prefix(limit).map(\.record) }
    }

    package func groups(at ordinals: [UInt64]) throws -> [Group] {
        try state.withLock { state in
            try ordinals.map { ordinal in
                guard let group = state.groups[ordinal] else {
                    throw MissingGroup(ordinal: ordinal)
                }
                return group
            }
        }
    }
}

/// The journal does not hold a group that the run needs.
package struct MissingGroup: Error, CustomStringConvertible {
    package var ordinal: UInt64

    package init(ordinal: UInt64) { self.ordinal = ordinal }

    package var description: String { "the journal holds no group at place \(ordinal) of the run" }
}
