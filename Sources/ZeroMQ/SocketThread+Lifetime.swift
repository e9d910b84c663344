import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension SocketThread {
    /// Starts a thread, runs `body` with it, and stops and joins it on every path: return, throw,
    /// cancel.
    ///
    /// On stop every pending and later wait throws `WaitError.terminated`; jobs still run. Close
    /// the sockets inside the scope if you can; one that lives on is closed by a thread started for
    /// that.
    /// Throws: `ZeroMQError` when the system has no thread or descriptor left; what `body` throws.
    public static nonisolated(nonsending) func withThread<Result>(
        named name: String,
        _ body: nonisolated(nonsending) (SocketThread) async throws -> Result
    ) async throws -> Result {
        let thread = try SocketThread(named: name)
        let identity = try PlatformThread.start(named: name) { thread.run() }
        do {
            let result = try await body(thread)
            await thread.stopAndJoin(identity)
            return result
        } catch {
            await thread.stopAndJoin(identity)
            throw error
        }
    }

    /// Makes every pending and later wait throw `WaitError.terminated`, and the thread end once it
    /// has run all jobs; does not wait for that. From any thread.
    public func stop() {
        let mustWake = shared.withLock { shared in
            guard shared.phase == .running else { return false }
            shared.phase = .stopping
            defer { shared.isAsleep = false }
            if shared.isAsleep { shared.statistics.wakeUps += 1 }
            return shared.isAsleep
        }
        if mustWake { pipe.wake() }
    }

    /// Runs `body` on the thread and returns its result.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let result = await withCheckedContinuation { done in
            push(.call { done.resume(returning: Swift.Result { try body() }) })
        }
        return try result.get()
    }

    /// Waits for the thread's end without blocking; the join itself then only waits for its last
    /// instructions.
    private func stopAndJoin(_ identity: PlatformThread.Identity) async {
        precondition(
            !isCurrent, "socket thread \(name) cannot join itself; leave its scope elsewhere")
        stop()
        await withCheckedContinuation { joiner in
            let hasExited = shared.withLock { shared in
                if shared.phase != .exited { shared.joiners.append(joiner) }
                return shared.phase == .exited
            }
            if hasExited { joiner.resume() }
        }
        PlatformThread.join(identity)
    }

    /// A thread for jobs that came after the end; ends with them.
    func startLateThread() {
        do throws(ZeroMQError) {
            try PlatformThread.startDetached(named: name) { self.run() }
        } catch {
            preconditionFailure("a job for the stopped socket thread \(name) cannot run: \(error)")
        }
    }
}
