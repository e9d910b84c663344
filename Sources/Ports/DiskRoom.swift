private import Synchronization

/// An error whose cause may be that a disk, or a quota on it, has no room left.
package protocol RoomError: Error {
    /// Bytes that there was no room for, 0 where they were not counted; `nil`: the cause is another one.
    var bytesWithoutRoom: UInt64? { get }
}

/// Lets a run wait while the disk it writes to is full, instead of ending it.
///
/// Everything that a run must not lose is written inside `write`. The first write that finds no room closes
/// the gate for all later ones, so the run stops as a whole; each goes on by itself when there is room again.
package final class DiskRoom: Sendable {
    package static let pollInterval: Duration = .seconds(1)
    /// Free space may be there and a write still fail, at a quota or for want of inodes. It is tried again
    /// after one poll, then two, four and so on up to this many.
    package static let pollsBetweenTriesMax = 32

    private struct State {
        /// Writes that wait for room.
        var waiting = 0
        var isGivenUp = false
    }

    private let directory: String
    private let clock: any Clock<Duration>
    private let free: @Sendable (_ directory: String) -> UInt64?
    private let note: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// `directory`: what is written lies below it. `free`: bytes that may still be written there, `nil` if it
    /// cannot be told. `note` is told once that the run waits, and once that it goes on.
    package init(
        directory: String, clock: any Clock<Duration>,
        free: @escaping @Sendable (_ directory: String) -> UInt64? = { freeBytes(onDiskOf: $0) },
        note: @escaping @Sendable (String) -> Void
    ) {
        self.directory = directory
        self.clock = clock
        self.free = free
        self.note = note
    }

    /// Does `body`, which writes all or nothing, and does it again after a wait as long as it throws a
    /// `RoomError` with bytes.
    ///
    /// Throws what else `body` throws, and its `RoomError` after `giveUp` or in a cancelled task.
    package func write<Value>(_ body: () async throws -> Value) async throws -> Value {
        while isClosed, await poll() {}
        do {
            return try await body()
        } catch let error as any RoomError {
            guard let bytes = error.bytesWithoutRoom else { throw error }
            pause(bytes)
            defer { state.withLock { $0.waiting -= 1 } }
            let value = try await again(after: error, needing: bytes, body)
            if state.withLock({ $0.waiting == 1 }) {
                note("the disk of \(directory) has room again; the run goes on")
            }
            return value
        }
    }

    /// Ends all waiting, now and later: the run is to end, and will say what it could not write.
    package func giveUp() { state.withLock { $0.isGivenUp = true } }

    private var isClosed: Bool { state.withLock { $0.waiting > 0 && !$0.isGivenUp } }

    private func again<Value>(
        after error: any RoomError, needing bytes: UInt64, _ body: () async throws -> Value
    ) async throws -> Value {
        var (error, bytes, polls) = (error, bytes, 1)
        while true {
            guard await wait(polls: polls, for: bytes) else { throw error }
            do {
                return try await body()
            } catch let next as any RoomError {
                guard let more = next.bytesWithoutRoom else { throw next }
                (error, bytes) = (next, more)
                polls = min(2 * polls, Self.pollsBetweenTriesMax)
            }
        }
    }

    /// At least `polls` of them, and until `bytes` are free. False: do not try again.
    private func wait(polls: Int, for bytes: UInt64) async -> Bool {
        for _ in 0..<polls { guard await poll() else { return false } }
        while let free = free(directory), free < bytes { guard await poll() else { return false } }
        return true
    }

    /// False: there is no use in waiting on.
    private func poll() async -> Bool {
        guard !state.withLock({ $0.isGivenUp }) else { return false }
        do { try await clock.sleep(for: Self.pollInterval) } catch { return false }
        return !state.withLock { $0.isGivenUp }
    }

    private func pause(_ bytes: UInt64) {
        let isFirst = state.withLock { state in
            state.waiting += 1
            return state.waiting == 1 && !state.isGivenUp
        }
        guard isFirst else { return }
        let mebibytes = max(1, (bytes >> 20) + (bytes & 0xF_FFFF == 0 ? 0 : 1))
        note(
            "the disk of \(directory) is full (needs about \(mebibytes) MiB); the run is paused; free space "
                + "and it goes on by itself")
    }
}
