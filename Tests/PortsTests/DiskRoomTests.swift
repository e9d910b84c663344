import Ports
import Synchronization
import Testing

@Suite struct DiskRoomTests {
    @Test("A write that fails for want of room is done again when there is room, with one note for each end")
    func waits() async throws {
        let disk = TinyDisk(free: 100)
        let room = disk.room()
        disk.onPoll { polls, disk in if polls == 5 { disk.free = 3_000_000 } }
        let tries = Record<Int>()
        let value = try await room.write {
            tries.add(disk.polls)
            guard disk.free >= 2_500_000 else { throw Full(bytesWithoutRoom: 2_500_000) }
            return "written"
        }
        #expect(value == "written")
        #expect(tries.all == [0, 5])
        #expect(
            disk.notes == [
                "the disk of runs/x is full (needs about 3 MiB); the run is paused; free space and it "
                    + "goes on by itself",
                "the disk of runs/x has room again; the run goes on",
            ])
    }

    @Test("A full quota, which free space does not show, is tried at ever longer intervals, but for ever")
    func quota() async throws {
        let disk = TinyDisk(free: .max)
        let tries = Record<Int>()
        try await disk.room().write {
            tries.add(disk.polls)
            if disk.polls < 100 { throw Full(bytesWithoutRoom: 1) }
        }
        #expect(tries.all == [0, 1, 3, 7, 15, 31, 63, 95, 127])
        #expect(disk.notes.count == 2)
    }

    @Test("Where free space cannot be told, it is tried too")
    func unknown() async throws {
        let disk = TinyDisk(free: nil)
        try await disk.room().write { if disk.polls == 0 { throw Full(bytesWithoutRoom: 5) } }
        #expect(disk.polls == 1)
    }

    @Test("Another failure is thrown at once, before and after a wait")
    func otherFailures() async throws {
        let disk = TinyDisk(free: .max)
        let room = disk.room()
        await #expect(throws: Other()) { try await room.write { throw Other() } }
        await #expect(throws: Full(bytesWithoutRoom: nil)) {
            try await room.write { throw Full(bytesWithoutRoom: nil) }
        }
        #expect(disk.notes.isEmpty)
        await #expect(throws: Other()) {
            try await room.write {
                if disk.polls == 0 { throw Full(bytesWithoutRoom: 1) }
                throw Other()
            }
        }
        #expect(disk.notes.count == 1)
        #expect(try await room.write { 7 } == 7)
    }

    @Test("While one write waits, others wait too, whether there would be room for them or not")
    func gate() async throws {
        let disk = TinyDisk(free: 0)
        let room = disk.room()
        let (order, small) = (Record<String>(), Record<Task<Void, any Error>>())
        disk.onPoll { polls, disk in
            if polls == 1 {
                small.add(Task { try await room.write { order.add("small") } })
            }
            // Both poll; whichever comes, the small one has not been written yet.
            if polls == 40 { disk.free = 10 }
        }
        try await room.write {
            guard disk.free == 10 else { throw Full(bytesWithoutRoom: 10) }
            order.add("large")
        }
        for task in small.all { try await task.value }
        #expect(order.all == ["large", "small"])
        #expect(disk.notes.count == 2)
    }

    @Test("After giving up a write throws its own reason, those that wait and those to come")
    func givesUp() async throws {
        let disk = TinyDisk(free: 0)
        let room = disk.room()
        disk.onPoll { polls, _ in if polls == 3 { room.giveUp() } }
        for _ in 1...2 {
            await #expect(throws: Full(bytesWithoutRoom: 9)) {
                try await room.write { throw Full(bytesWithoutRoom: 9) }
            }
        }
        #expect(disk.polls == 3)
        #expect(disk.notes.count == 1)
        #expect(try await room.write { 7 } == 7)
    }

    @Test("A cancelled task does not wait")
    func cancelled() async throws {
        let disk = TinyDisk(free: 0)
        let room = disk.room()
        let waiting = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await room.write { throw Full(bytesWithoutRoom: 9) }
        }
        await #expect(throws: Full(bytesWithoutRoom: 9)) { try await waiting.value }
        #expect(disk.polls == 0)
    }
}

private struct Full: RoomError, Equatable { var bytesWithoutRoom: UInt64? }

private struct Other: Error, Equatable {}

private final class Record<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

/// A disk of which only the free space is known, and the time that goes by at it.
private final class TinyDisk: Sendable {
    private struct State {
        var free: UInt64?
        var polls = 0
        var notes: [String] = []
        var onPoll: (@Sendable (Int, TinyDisk) -> Void)?
    }

    private let state: Mutex<State>

    init(free: UInt64?) { state = Mutex(State(free: free)) }

    var free: UInt64 {
        get { state.withLock { $0.free ?? 0 } }
        set { state.withLock { $0.free = newValue } }
    }
    /// How often somebody slept.
    var polls: Int { state.withLock { $0.polls } }
    var notes: [String] { state.withLock { $0.notes } }

    func onPoll(_ action: @escaping @Sendable (_ polls: Int, TinyDisk) -> Void) {
        state.withLock { $0.onPoll = action }
    }

    func room() -> DiskRoom {
        DiskRoom(
            directory: "runs/x", clock: PollingClock { self.poll() },
            free: { _ in self.state.withLock { $0.free } },
            note: { note in self.state.withLock { $0.notes.append(note) } })
    }

    private func poll() {
        let (polls, action) = state.withLock { state in
            state.polls += 1
            return (state.polls, state.onPoll)
        }
        action?(polls, self)
    }
}

/// Time passes by itself; every sleep is told of.
private struct PollingClock: Clock {
    let onSleep: @Sendable () -> Void

    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        onSleep()
        try Task.checkCancellation()
        await Task.yield()
    }
}
