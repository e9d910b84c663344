import Foundation
import Synchronization
import Testing
import ZeroMQ

@Suite("The socket thread as an executor")
struct SocketThreadTests {
    /// Counts calls and the threads that they ran on.
    actor Tally {
        nonisolated let thread: SocketThread
        private(set) var count = 0
        private(set) var threads: Set<UInt> = []

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(thread: SocketThread) { self.thread = thread }

        func add() {
            thread.preconditionIsCurrent("a test's job")
            count += 1
            threads.insert(SocketThread.callerIdentity)
        }
    }

    @Test("10,000 jobs from many tasks run on one thread, and wake it once while it is busy")
    func burst() async throws {
        try await SocketThread.withThread(named: "burst") { thread in
            let tally = Tally(thread: thread)
            let before = thread.statistics
            // While this call holds the thread, every task queues its job.
            let (isHeld, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let hold: Void = thread.run {
                isHeld.signal()
                gate.wait()
            }
            let tasks = (0..<10_000).map { _ in Task { await tally.add() } }
            while thread.statistics.enqueued < before.enqueued + 10_001 { await Task.yield() }
            let queued = thread.statistics
            gate.signal()
            for task in tasks { await task.value }
            try await hold
            #expect(await tally.count == 10_000)
            #expect(await tally.threads.count == 1)
            #expect(queued.wakeUps - before.wakeUps <= 1)
        }
    }

    @Test("100 tasks of 100 calls each lose none, and never cost more wake-ups than jobs")
    func contention() async throws {
        try await SocketThread.withThread(named: "contention") { thread in
            let tally = Tally(thread: thread)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask { for _ in 0..<100 { await tally.add() } }
                }
            }
            #expect(await tally.count == 10_000)
            #expect(await tally.threads.count == 1)
            let statistics = thread.statistics
            #expect(statistics.enqueued >= 100 && statistics.wakeUps <= statistics.enqueued)
        }
    }

    @Test("Two actors on one socket thread are isolated by the same thread, and it knows itself")
    func isolation() async throws {
        try await SocketThread.withThread(named: "isolation") { thread in
            let (one, two) = (Tally(thread: thread), Tally(thread: thread))
            await one.add()
            await two.add()
            #expect(await one.threads == two.threads)
            let isIsolated = try await thread.run {
                thread.checkIsolated()
                return thread.isIsolatingCurrentContext()
            }
            #expect(isIsolated == true && thread.isIsolatingCurrentContext() == false)
            #expect(!thread.isCurrent)
            // A callback of the loop may assume the isolation of an actor that lives on it.
            try await thread.run { one.assumeIsolated { $0.add() } }
            #expect(await one.count == 2)
        }
    }

    @Test("Two socket threads are two threads")
    func twoThreads() async throws {
        try await SocketThread.withThread(named: "first") { first in
            try await SocketThread.withThread(named: "second") { second in
                let (one, two) = (Tally(thread: first), Tally(thread: second))
                await one.add()
                await two.add()
                #expect(await one.threads.isDisjoint(with: two.threads))
                let isSame = try await first.run { second.isCurrent }
                #expect(!isSame)
            }
        }
    }

    @Test("A job that comes after the thread's end still runs, alone and isolated")
    func lateJobs() async throws {
        let thread = try await SocketThread.withThread(named: "late") { $0 }
        let tally = Tally(thread: thread)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { await tally.add() } }
        }
        #expect(await tally.count == 50)
        #expect(try await thread.run { thread.isCurrent })
    }

    @Test(
        "The scope passes on the body's result or error, and stops the thread either way")
    func scope() async throws {
        struct Refusal: Error {}
        let escaped = Mutex<SocketThread?>(nil)
        await #expect(throws: Refusal.self) {
            try await SocketThread.withThread(named: "scope") { thread in
                escaped.withLock { $0 = thread }
                throw Refusal()
            }
        }
        let thread = try #require(escaped.withLock { $0 })
        let sleeper = Sleeper(thread: thread)
        await #expect(throws: WaitError.terminated(reason: "nothing")) { try await sleeper.sleep() }
        #expect(try await SocketThread.withThread(named: "scope") { _ in 42 } == 42)
    }

    @Test("100 scopes leave no descriptor open")
    func descriptors() async throws {
        // Other tests open descriptors too, so the bound is loose; 100 leaked pipes would be 200.
        let before = try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
        for _ in 0..<100 { try await SocketThread.withThread(named: "scope") { _ in } }
        let after = try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
        #expect(after - before < 150)
    }

    @Test("Using a socket on another thread stops the process")
    func wrongThread() async {
        await #expect(processExitsWith: .failure) {
            let context = try Context()
            try await SocketThread.withThread(named: "owner") { thread in
                let socket = try await thread.open(.pull, in: context)
                _ = try socket.receive()
            }
        }
    }

    @Test("Opening a socket on another thread stops the process")
    func wrongThreadAtOpening() async {
        await #expect(processExitsWith: .failure) {
            let context = try Context()
            try await SocketThread.withThread(named: "owner") { thread in
                _ = try Socket(.pull, in: context, on: thread)
            }
        }
    }

    @Test("Waiting outside the socket thread stops the process")
    func wrongThreadAtWaiting() async {
        await #expect(processExitsWith: .failure) {
            try await SocketThread.withThread(named: "owner") { thread in
                _ = try await thread.waitAny([], until: .now, for: "nothing")
            }
        }
    }

    @Test("The same calls on the owning thread do not stop it")
    func rightThread() async {
        await #expect(processExitsWith: .success) {
            try await withSockets { thread, context in
                let peer = try await thread.peer(.pull, in: context)
                #expect(try await peer.use { try $0.receive() == nil })
            }
        }
    }
}

/// Waits for deadlines and bells on a thread.
actor Sleeper {
    nonisolated let thread: SocketThread

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(thread: SocketThread) { self.thread = thread }

    func sleep(for duration: Duration = patience) async throws {
        _ = try await thread.waitAny([], until: .now + duration, for: "nothing")
    }

    func wait(
        for interests: [Interest], until deadline: ContinuousClock.Instant? = .now + patience
    ) async throws -> [Interest] {
        try await thread.waitAny(interests, until: deadline, for: "any of \(interests.count)")
    }
}
