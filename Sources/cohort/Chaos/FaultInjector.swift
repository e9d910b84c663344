import Foundation
import Synchronization

/// A fault that was done to a process, and when, in seconds since 1970.
package struct InjectedFault: Hashable, Sendable, Codable {
    package var fault: Fault
    package var time: Double
    /// When a stopped process went on; for a kill the time of the kill.
    package var ended: Double

    package init(_ fault: Fault, time: Double, ended: Double) {
        self.fault = fault
        self.time = time
        self.ended = ended
    }
}

/// Does faults to the children of a cluster as they become due.
///
/// It signals only processes that the cluster started and has not yet seen end. A target that is between
/// two lives is waited for.
final class FaultInjector: Sendable {
    private let faults: [Fault]
    private let stopSeconds: Double
    /// Says which steps are published.
    private let learnerLog: String
    private let done = Mutex<[InjectedFault]>([])

    /// How often a target between two lives, or the next step, is looked for.
    private static let pause = Duration.milliseconds(2)

    init(_ faults: [Fault], stopSeconds: Double, learnerLog: String) {
        self.learnerLog = learnerLog
        self.faults = faults
        self.stopSeconds = stopSeconds
    }

    /// What was done so far, in order.
    var injected: [InjectedFault] { done.withLock { $0 } }

    /// Works until all faults are done or the task is cancelled. No process stays stopped.
    func run(on cluster: LocalCluster, _ say: @Sendable (String) -> Void) async {
        let start = ContinuousClock.now
        var progress = LoggedProgress(path: learnerLog)
        await withTaskGroup { group in
            for (index, fault) in faults.enumerated() {
                guard (try? await wait(for: fault, since: start, &progress)) != nil,
                    let child = await child(fault.target, of: cluster)
                else { break }
                say("fault \(index + 1) of \(faults.count): \(fault.kind.rawValue) \(fault.target)")
                switch fault.kind {
                case .kill: kill(child, fault)
                case .stop:
                    let index = stop(child, fault)
                    group.addTask { await self.goOn(child, index) }
                }
            }
        }
    }

    private func wait(
        for fault: Fault, since start: ContinuousClock.Instant, _ progress: inout LoggedProgress
    ) async throws {
        guard let step = fault.afterStep else {
            return try await Task.sleep(until: start + .seconds(fault.due))
        }
        while progress.lastStep < step {
            _ = progress.hasAdvanced()
            try await Task.sleep(for: Self.pause)
        }
        try await Task.sleep(for: .seconds(fault.due))
    }

    private func child(_ name: String, of cluster: LocalCluster) async -> ChildProcess? {
        while !Task.isCancelled {
            if let child = cluster.child(name) { return child }
            try? await Task.sleep(for: Self.pause)
        }
        return nil
    }

    private func kill(_ child: ChildProcess, _ fault: Fault) {
        let now = Date().timeIntervalSince1970
        done.withLock { $0.append(InjectedFault(fault, time: now, ended: now)) }
        child.send(SIGKILL)
    }

    /// Answers with the fault's place among those that were done.
    private func stop(_ child: ChildProcess, _ fault: Fault) -> Int {
        let now = Date().timeIntervalSince1970
        child.send(SIGSTOP)
        return done.withLock { done in
            done.append(InjectedFault(fault, time: now, ended: now))
            return done.count - 1
        }
    }

    private func goOn(_ child: ChildProcess, _ index: Int) async {
        // Also when it is cancelled: then at once.
        try? await Task.sleep(for: .seconds(stopSeconds))
        done.withLock { $0[index].ended = Date().timeIntervalSince1970 }
        child.send(SIGCONT)
    }
}
