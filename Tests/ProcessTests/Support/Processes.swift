import Foundation
import Synchronization
import Testing

extension Outcome {
    /// Every process that `train` said it had started, by name.
    var children: [(name: String, processID: pid_t)] { notes.compactMap(startedChild) }
}

/// Reads "worker-0 started, process 123".
func startedChild(_ line: String) -> (name: String, processID: pid_t)? {
    let words = line.split(separator: " ")
    guard words.count == 4, words[1] == "started,", words[2] == "process", let id = pid_t(words[3])
    else { return nil }
    return (String(words[0]), id)
}

/// The latest process of each name, as a running `train` starts them.
final class Children: Sendable {
    private let latest = Mutex<[String: pid_t]>([:])

    func note(_ line: String) {
        if let child = startedChild(line) { latest.withLock { $0[child.name] = child.processID } }
    }

    func kill(_ name: String) throws {
        let id = try #require(latest.withLock { $0[name] }, "\(name) was not started")
        Foundation.kill(id, SIGKILL)
    }

    var all: [pid_t] { latest.withLock { Array($0.values) } }
}

/// Whether a process that is not our child runs. (A zombie that nobody reaps, as in many containers, has an
/// empty command line.)
func isRunning(_ processID: pid_t) -> Bool {
    #if os(Linux)
    let file = FileHandle(forReadingAtPath: "/proc/\(processID)/cmdline")
    return (try? file?.readToEnd())?.isEmpty == false
    #else
    return kill(processID, 0) == 0
    #endif
}

/// Waits until processes that are not our children are gone; answers with those that are not in time.
func survivors(of processIDs: [pid_t], after limit: Duration) async throws -> [pid_t] {
    let deadline = ContinuousClock.now + limit
    var left = processIDs.filter(isRunning)
    while !left.isEmpty, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(20))
        left = left.filter(isRunning)
    }
    return left
}

/// True the first time.
final class Once: Sendable {
    private let happened = Atomic(false)

    func claim() -> Bool {
        happened.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    }
}
