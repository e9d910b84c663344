import Foundation
import Synchronization
import SystemPackage

/// One learner and its workers as child processes, kept alive until the learner is done.
///
/// A child that is killed by a signal or fails with an exit code that may pass is started again, the
/// learner from its last checkpoint; an exit code that says "wrong input" ends the run.
final class LocalCluster: Sendable {
    /// What the children are told, and how often they may be started again.
    struct Plan: Sendable {
        var learner: [String]
        /// Arguments of the learner's later starts.
        var resumedLearner: [String]
        /// Arguments of the worker of that index.
        var worker: @Sendable (Int) -> [String]
        var workers: Int
        /// Of each child.
        var maxRestarts: Int
        var logDirectory: FilePath
        /// Whether standard output of the children is ours; otherwise it goes to their logs.
        var showsOutput = true
    }

    private enum Ending: Sendable {
        case learner(ChildExit)
        case workers(String)
    }

    private let plan: Plan
    private let note: @Sendable (String) -> Void
    private let children = Mutex<[ChildProcess]>([])
    private let isStopping = Mutex(false)

    init(plan: Plan, note: @escaping @Sendable (String) -> Void) {
        self.plan = plan
        self.note = note
    }

    /// Asks the learner to end the run in order. The workers leave when it drains them.
    func stop() {
        isStopping.withLock { $0 = true }
        children.withLock { $0 }.first { $0.name == "learner" }?.send(SIGTERM)
    }

    /// Ends everything at once.
    func kill() {
        isStopping.withLock { $0 = true }
        for child in children.withLock({ $0 }) { child.send(SIGKILL) }
    }

    /// Runs until the learner is done; answers with how it ended. Throws `CommandFailure` if a child
    /// cannot be kept alive.
    func run() async throws -> ChildExit {
        let lifeLine = try LifeLine()
        defer { lifeLine.close() }
        return try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { .learner(try await self.keepAlive("learner", lifeLine, self.learnerArguments)) }
            for index in 0..<plan.workers {
                group.addTask { try await self.work(index, lifeLine) }
            }
            var outcome: ChildExit?
            while outcome == nil, let ending = try await group.next() {
                switch ending {
                case .learner(let exit): outcome = exit
                case .workers(let problem):
                    guard !isStopping.withLock({ $0 }), !problem.isEmpty else { continue }
                    note(problem)
                }
            }
            // Workers leave by themselves once drained; whoever does not is not needed any more.
            isStopping.withLock { $0 = true }
            let reaper = Task {
                try await Task.sleep(for: .seconds(5))
                self.kill()
            }
            for try await _ in group {}
            reaper.cancel()
            return outcome ?? .code(ExitCode.internalError.rawValue)
        }
    }

    private func learnerArguments(start: Int) -> [String] {
        start == 0 ? plan.learner : plan.resumedLearner
    }

    private func work(_ index: Int, _ lifeLine: LifeLine) async throws -> Ending {
        let exit = try await keepAlive("worker-\(index)", lifeLine) { _ in self.plan.worker(index) }
        return .workers(exit == .code(0) ? "" : "worker-\(index) is not started again: \(exit)")
    }

    /// Starts a child again until it ends well, cannot be helped, or was started too often.
    private func keepAlive(
        _ name: String, _ lifeLine: LifeLine, _ arguments: (_ start: Int) -> [String]
    ) async throws -> ChildExit {
        for start in 0... {
            let child = ChildProcess(name: name, arguments: arguments(start))
            children.withLock { $0.append(child) }
            let exit = try await child.run(
                lifeLine: lifeLine, log: plan.logDirectory.appending("\(name).log"),
                showsOutput: plan.showsOutput
            ) { id in note("\(name) started, process \(id)") }
            children.withLock { $0.removeAll { $0 === child } }
            // Another child's failure cancels all, which kills this one.
            let isEnding = isStopping.withLock { $0 } || Task.isCancelled
            if isEnding || !mayHelp(exit, name) { return exit }
            guard start < plan.maxRestarts else { throw endedTooOften(name, starts: start + 1, exit) }
            note("\(name) ended with \(exit); starting it again")
            // What is unavailable now may need a moment; a killed process does not.
            if case .code = exit { try await Task.sleep(for: .seconds(1)) }
        }
        preconditionFailure("0... does not end")
    }

    private func endedTooOften(_ name: String, starts: Int, _ exit: ChildExit) -> CommandFailure {
        let log = plan.logDirectory.appending("\(name).log")
        let cause = LastFailure(log: log.string).sentence.map { ": \($0)" } ?? ""
        return CommandFailure(
            "\(name) ended \(starts) times, the last time with \(exit)\(cause) (log: \(log))",
            .peerUnavailable)
    }

    /// Whether starting again may end better: killed, or the learner was away for a moment. The learner
    /// itself waits for nobody: what it cannot reach is its own address, which somebody else has.
    private func mayHelp(_ exit: ChildExit, _ name: String) -> Bool {
        switch exit {
        case .signal: true
        case .code(ExitCode.tryAgain.rawValue): true
        case .code(let code): code == ExitCode.peerUnavailable.rawValue && name != "learner"
        }
    }
}
