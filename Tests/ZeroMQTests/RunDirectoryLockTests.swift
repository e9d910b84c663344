import Foundation
import Testing
import ZeroMQ

@Suite("The run directory's lock")
struct RunDirectoryLockTests {
    /// The error of trying to lock.
    func refusal(of directory: String) -> RunDirectoryError? {
        do throws(RunDirectoryError) {
            _ = try RunDirectoryLock(directory: directory)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A second lock in the same process is refused until the release"
    )
    func sameProcess() async throws {
        try await withScratchDirectory { directory in
            let lock = try RunDirectoryLock(directory: directory)
            let error = try #require(refusal(of: directory))
            #expect(error.problem == .held(by: getpid()))
            #expect(error.description.contains(directory))
            #expect(error.description.contains("process \(getpid())"))
            lock.release()
            #expect(refusal(of: directory) == nil)
        }
    }

    @Test("A live process keeps others out, by its number; when it dies the way is free")
    func otherProcess() async throws {
        try await withScratchDirectory { directory in
            let holder = try Holder(lock: directory + "/" + RunDirectoryLock.fileName)
            let error = try #require(refusal(of: directory))
            #expect(error.problem == .held(by: holder.pid))
            #expect(error.description.contains("process \(holder.pid)"))
            try holder.kill()
            // flock itself has been killed too, but the system may still be closing its files.
            while refusal(of: directory) != nil { await Task.yield() }
        }
    }

    @Test("The other way round: while this process holds it, another one is refused")
    func refusesOthers() async throws {
        try await withScratchDirectory { directory in
            let lock = try RunDirectoryLock(directory: directory)
            #expect(try tryLock(directory) == 1)
            lock.release()
            #expect(try tryLock(directory) == 0)
        }
    }

    @Test("A second learner on one ipc path is kept out by the lock, though libzmq would let it in")
    func stolenEndpoint() async throws {
        try await withScratchDirectory { directory in
            let lock = try RunDirectoryLock(directory: directory)
            let endpoint = try lock.endpoint(named: "rollouts")
            #expect(endpoint.path == directory + "/rollouts")
            try await withSockets { thread, context in
                let learner = try await thread.peer(.router, in: context)
                try await learner.use { try $0.bind(endpoint) }
                #expect(refusal(of: directory)?.problem == .held(by: getpid()))
                // This is why the lock is needed: the second bind succeeds.
                let thief = try await thread.peer(.router, in: context)
                try await thief.use { try $0.bind(endpoint) }
            }
        }
    }

    @Test("A lock file without a number still refuses, and says another process")
    func noNumber() async throws {
        try await withScratchDirectory { directory in
            let lock = try RunDirectoryLock(directory: directory)
            try Data().write(to: URL(fileURLWithPath: directory + "/lock"))
            let error = try #require(refusal(of: directory))
            #expect(
                error.problem == .held(by: nil) && error.description.contains("another process"))
            lock.release()
        }
    }

    @Test("A missing directory is made for its owner only; one that cannot be made is an error")
    func makesDirectory() async throws {
        try await withScratchDirectory { directory in
            let run = directory + "/run"
            try RunDirectoryLock(directory: run).release()
            let rights = try FileManager.default.attributesOfItem(atPath: run)[.posixPermissions]
            #expect(rights as? Int == 0o700)
            let error = try #require(refusal(of: directory + "/a/b"))
            #expect(error.description.contains("\(directory)/a/b cannot be locked: No such file"))
        }
    }

    @Test("A path that is too long for ipc is refused when the endpoint is made")
    func longDirectory() async throws {
        try await withScratchDirectory { directory in
            let lock = try RunDirectoryLock(
                directory: directory + "/" + String(repeating: "d", count: 90))
            do throws(EndpointError) {
                _ = try lock.endpoint(named: "rollouts")
                Issue.record("a path beyond 107 bytes was accepted")
            } catch {
                #expect(error.description.contains("shorter run directory"))
            }
            lock.release()
        }
    }
}

/// Another process that holds a lock and has written its number into the file.
private struct Holder {
    let pid: Int32
    private let process: Process

    init(lock: String) throws {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        process.arguments = [
            "--no-fork", lock, "sh", "-c", "echo $$ > \(lock); echo $$; exec sleep 60",
        ]
        process.standardOutput = output
        try process.run()
        let line = output.fileHandleForReading.availableData
        pid = try #require(Int32(String(decoding: line, as: UTF8.self).dropLast()))
        self.process = process
    }

    func kill() throws {
        #expect(Foundation.kill(pid, SIGKILL) == 0)
        process.waitUntilExit()
    }
}

/// Another process tries to take the lock without waiting; 0 if it got it.
private func tryLock(_ directory: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    process.arguments = ["-n", directory + "/" + RunDirectoryLock.fileName, "-c", "true"]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}
