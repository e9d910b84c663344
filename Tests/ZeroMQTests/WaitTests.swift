import Foundation
import Testing
import ZeroMQ

@Suite("Waiting")
struct WaitTests {
    @Test("A cancelled wait throws CancellationError and frees the socket for the next one")
    func cancellation() async throws {
        try await withSockets { thread, context in
            let (pull, push) = try await thread.pair(.pull, .push, in: context)
            let wait = Task { try await pull.waitForMessage() }
            try await thread.reachedWaits(1)
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }
            try await push.send([1])
            #expect(try await pull.receive() == [1])
        }
    }

    @Test("A task that is cancelled before it waits does not wait")
    func cancelledBefore() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let wait = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await pull.waitForMessage(timeout: nil)
            }
            await #expect(throws: CancellationError.self) { try await wait.value }
        }
    }

    @Test("Of 500 waits, each is ended by its own cancellation")
    func manyCancellations() async throws {
        try await SocketThread.withThread(named: "test") { thread in
            let sleeper = Sleeper(thread: thread)
            let waits = (0..<500).map { _ in Task { try await sleeper.sleep() } }
            try await thread.reachedWaits(500)
            for wait in waits.shuffled() { wait.cancel() }
            for wait in waits {
                await #expect(throws: CancellationError.self) { try await wait.value }
            }
            #expect(try await thread.run { thread.pendingWaits().isEmpty })
        }
    }

    @Test("Stopping the thread ends the waits on sockets, bells and deadlines as terminated")
    func stopped() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let sleeper = Sleeper(thread: thread)
            let bell = Doorbell(on: thread)
            let waits = [
                Task { try await pull.waitForMessage() },
                Task { try await sleeper.sleep() },
                Task { _ = try await sleeper.wait(for: [bell.interest]) },
            ]
            try await thread.reachedWaits(3)
            thread.stop()
            for wait in waits {
                await #expect { try await wait.value } throws: {
                    if case WaitError.terminated = $0 { true } else { false }
                }
            }
            await #expect(throws: WaitError.terminated(reason: "a message")) {
                try await pull.waitForMessage()
            }
        }
    }

    @Test("Shutting the context down ends the waits, and calls throw terminated")
    func contextShutdown() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let wait = Task { try await pull.waitForMessage() }
            try await thread.reachedWaits(1)
            context.shutdown()
            await #expect(throws: WaitError.terminated(reason: "a message")) {
                try await wait.value
            }
            let error = try await zeroMQError { _ = try await pull.receive() }
            #expect(error.code == .terminated)
            #expect(error.description.contains("being terminated"))
            // The thread itself goes on.
            #expect(try await thread.run { 1 } == 1)
        }
    }

    @Test("Terminating a context with an open socket names the number in time, and then succeeds")
    func contextTermination() async throws {
        let context = try Context()
        try await SocketThread.withThread(named: "test") { thread in
            let pull = try await thread.peer(.pull, in: context)
            let wait = Task { try await pull.waitForMessage() }
            try await thread.reachedWaits(1)
            let error = try await zeroMQError {
                try await context.terminate(within: .milliseconds(1))
            }
            #expect(error.code == .contextBusy && error.description.contains("1 of its sockets"))
            await #expect(throws: WaitError.terminated(reason: "a message")) {
                try await wait.value
            }
            let opening = try await zeroMQError { _ = try await thread.open(.pull, in: context) }
            #expect(opening.code == .terminated)
        }
        try await context.terminate(within: patience)
        try await context.terminate(within: patience)
    }

    @Test("Closing a socket ends the wait on it")
    func closed() async throws {
        try await withSockets { thread, context in
            let sleeper = Sleeper(thread: thread)
            var pull: Peer? = try await thread.peer(.pull, in: context)
            let id = try #require(await pull?.id)
            let wait = Task { try await sleeper.wait(for: [.readable(id), .writable(id)]) }
            try await thread.reachedWaits(1)
            pull = nil
            await #expect(throws: WaitError.closed(reason: "any of 2")) { try await wait.value }
            await #expect(throws: WaitError.closed(reason: "any of 1")) {
                try await sleeper.wait(for: [.readable(id)])
            }
        }
    }

    @Test("A second wait for the same direction of a socket is refused with both reasons")
    func conflict() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let first = Task { try await pull.waitForMessage() }
            try await thread.reachedWaits(1)
            do {
                try await pull.waitForMessage()
                Issue.record("two waits for one message")
            } catch let error as WaitError {
                #expect(error.description.contains("another task waits for it (a message)"))
            }
            first.cancel()
            _ = await first.result
        }
    }

    @Test("A deadline that passes throws the reason and the time that was allowed")
    func deadline() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let before = ContinuousClock.now
            let timeout = Duration.milliseconds(20)
            await #expect(throws: WaitError.timedOut(reason: "a message", after: timeout)) {
                try await pull.waitForMessage(timeout: timeout)
            }
            #expect(ContinuousClock.now - before >= timeout)
        }
    }

    @Test("Waits end in the order of their deadlines")
    func deadlineOrder() async throws {
        try await SocketThread.withThread(named: "test") { thread in
            let sleeper = Sleeper(thread: thread)
            let order = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in [3, 1, 2] {
                    group.addTask {
                        try await sleeper.sleep(for: .milliseconds(30 * number))
                        return number
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(order == [1, 2, 3])
        }
    }

    @Test("One wait serves two sockets and a timer: whichever is first")
    func waitAny() async throws {
        try await withSockets { thread, context in
            let (rollouts, worker) = try await thread.pair(.pull, .push, in: context)
            let (snapshots, relay) = try await thread.pair(.pull, .push, in: context)
            let ids = (await rollouts.id, await snapshots.id)
            let both: [Interest] = [.readable(ids.0), .readable(ids.1)]
            let sleeper = Sleeper(thread: thread)
            #expect(try await sleeper.wait(for: both, until: .now).isEmpty)
            try await relay.send([2])
            #expect(try await sleeper.wait(for: both) == [.readable(ids.1)])
            // Level-triggered: it stays ready until somebody receives.
            #expect(try await sleeper.wait(for: both) == [.readable(ids.1)])
            // A ready socket wins over a deadline that has passed.
            #expect(
                try await sleeper.wait(for: both, until: .now - .seconds(1)) == [.readable(ids.1)])
            try await worker.send([1])
            try await rollouts.waitForMessage()
            #expect(try await sleeper.wait(for: both) == both)
            #expect(try await snapshots.receive() == [2])
            #expect(try await sleeper.wait(for: both) == [.readable(ids.0)])
        }
    }

    @Test("Two tasks of one actor wait on two sockets at the same time")
    func concurrentWaits() async throws {
        try await withSockets { thread, context in
            let (rollouts, worker) = try await thread.pair(.pull, .push, in: context)
            let (snapshots, relay) = try await thread.pair(.pull, .push, in: context)
            async let first = rollouts.receive()
            async let second = snapshots.receive()
            try await thread.reachedWaits(2)
            try await relay.send([2])
            #expect(try await second == [2])
            try await worker.send([1])
            #expect(try await first == [1])
        }
    }

    @Test("A doorbell ends a wait; a ring between waits is kept, and several count as one")
    func doorbell() async throws {
        try await SocketThread.withThread(named: "test") { thread in
            let (bell, other) = (Doorbell(on: thread), Doorbell(on: thread))
            let sleeper = Sleeper(thread: thread)
            let wait = Task { try await sleeper.wait(for: [other.interest, bell.interest]) }
            try await thread.reachedWaits(1)
            bell.ring()
            #expect(try await wait.value == [bell.interest])
            for _ in 0..<10 { bell.ring() }
            #expect(try await sleeper.wait(for: [bell.interest]) == [bell.interest])
            #expect(try await sleeper.wait(for: [bell.interest], until: .now).isEmpty)
            other.ring()
            #expect(try await sleeper.wait(for: [bell.interest], until: .now).isEmpty)
            #expect(try await sleeper.wait(for: [other.interest]) == [other.interest])
        }
    }

    @Test("Signals interrupt the poll and no wait ends by them")
    func interruption() async throws {
        signal(SIGUSR1) { _ in }
        try await withSockets { thread, context in
            let (pull, push) = try await thread.pair(.pull, .push, in: context)
            let identity = try await thread.run {
                // Threads inherit the mask of their maker, and the pool's threads block signals.
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGUSR1)
                pthread_sigmask(SIG_UNBLOCK, &signals, nil)
                return SocketThread.callerIdentity
            }
            let received = Task { try await pull.receive() }
            try await thread.reachedWaits(1)
            let before = ContinuousClock.now
            let timer = Task { try await Sleeper(thread: thread).sleep(for: .milliseconds(50)) }
            while thread.statistics.interruptions < 20 {
                pthread_kill(pthread_t(identity), SIGUSR1)
                await Task.yield()
            }
            try await timer.value
            #expect(ContinuousClock.now - before >= .milliseconds(50))
            try await push.send([7])
            #expect(try await received.value == [7])
            #expect(thread.statistics.interruptions >= 20)
        }
    }

    @Test("Pending waits are listed with their reasons")
    func reasons() async throws {
        try await withSockets { thread, context in
            let pull = try await thread.peer(.pull, in: context)
            let wait = Task { try await pull.waitForMessage() }
            try await thread.reachedWaits(1)
            let waits = try await thread.run { thread.pendingWaits() }
            #expect(waits.count == 1 && waits[0].hasPrefix("a message, for "))
            wait.cancel()
            _ = await wait.result
        }
    }
}
