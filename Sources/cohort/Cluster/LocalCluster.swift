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
        /// Whether workers that are started elsewhere may join the run.
        var othersMayJoin = false
        /// Of each child, in a row, without progress between them. See `RestartLimit`.
        var maxRestarts: Int
        var logDirectory: FilePath
        /// Whether standard output of the children is ours; otherwise it goes to their logs.
        var showsOutput = true
    }

    private enum Ending: Sendable {
        case learner(ChildExit)
        /// It will not be started again.
        case worker(name: String, ChildExit)
    }

    private let plan: Plan
    private let note: @Sendable (String) -> Void
    private let children = Mutex<[ChildProcess]>([])
    private let isStopping = Mutex(false)

    init(plan: Plan, note: @escaping @Sendable (String) -> Void) {
        self.plan = plan
        self.note = note
    }

    /// The child of that name, if it runs at the moment.
    func child(_ name: String) -> ChildProcess? {
        children.withLock { $0 }.first { $0.name == name && $0.currentProcessID != nil }
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
    /// cannot be kept alive, or if no worker is left; the learner then ends as after `stop`.
    func run() async throws -> ChildExit {
        let lifeLine = try LifeLine()
        defer { lifeLine.close() }
        return try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { .learner(try await self.keepAlive("learner", lifeLine, self.learnerArguments)) }
            for index in 0..<plan.workers {
                group.addTask { try await self.work(index, lifeLine) }
            }
            var outcome: ChildExit?
            var failure: CommandFailure?
            var failedWorkers = 0
            while outcome == nil, let ending = try await group.next() {
                switch ending {
                case .learner(let exit): outcome = exit
                case .worker(let name, let exit):
                    // One that ends well was drained: the learner is about to end.
                    guard !isStopping.withLock({ $0 }), exit != .code(0) else { continue }
                    note("\(name) is not started again: \(exit)")
                    failedWorkers += 1
                    guard failedWorkers == plan.workers, !plan.othersMayJoin else { continue }
                    failure = nobodySamples(name, exit)
                    stop()
                }
            }
            // Workers leave by themselves once drained; whoever does not is not needed any more, and nobody
            // drains them where the learner was struck down.
            isStopping.withLock { $0 = true }
            let patience: Duration = outcome?.isSignal == true ? .zero : .seconds(5)
            let reaper = Task {
                try await Task.sleep(for: patience)
                self.kill()
            }
            for try await _ in group {}
            reaper.cancel()
            if let failure { throw failure }
            return outcome ?? .code(ExitCode.internalError.rawValue)
        }
    }

    private func learnerArguments(start: Int) -> [String] {
        start == 0 ? plan.learner : plan.resumedLearner
    }

    private func work(_ index: Int, _ lifeLine: LifeLine) async throws -> Ending {
        let name = "worker-\(index)"
        let exit = try await keepAlive(name, lifeLine) { _ in self.plan.worker(index) }
        return .worker(name: name, exit)
    }

    /// Starts a child again until it ends well, cannot be helped, or gets nowhere life after life.
    private func keepAlive(
        _ name: String, _ lifeLine: LifeLine, _ arguments: (_ start: Int) -> [String]
    ) async throws -> ChildExit {
        let log = plan.logDirectory.appending("\(name).log")
        var limit = RestartLimit(limit: plan.maxRestarts)
        var progress = LoggedProgress(path: log.string)
        for start in 0... {
            let exit = try await live(ChildProcess(name: name, arguments: arguments(start)), lifeLine, log)
            // Another child's failure cancels all, which kills this one.
            if isEnding || !mayHelp(exit, name) { return exit }
            let pause = limit.next(
                afterProgress: progress.hasAdvanced(), wasKilled: exit.isSignal)
            guard let pause else { throw endedTooOften(name, lives: limit.fruitless, exit) }
            note("\(name) ended with \(exit); starting it again")
            try await Task.sleep(for: pause)
            if isEnding { return exit }
        }
        preconditionFailure("0... does not end")
    }

    private var isEnding: Bool { isStopping.withLock { $0 } || Task.isCancelled }

    /// One life of a child.
    private func live(
        _ child: ChildProcess, _ lifeLine: LifeLine, _ log: FilePath
    ) async throws -> ChildExit {
        children.withLock { $0.append(child) }
        defer { children.withLock { $0.removeAll { $0 === child } } }
        return try await child.run(
            lifeLine: lifeLine, log: log, showsOutput: plan.showsOutput
        ) { id in
            note("\(child.name) started, process \(id)")
            // A stop that came while it was being started has not reached it.
            if isStopping.withLock({ $0 }) { child.send(SIGTERM) }
        }
    }

    private func endedTooOften(_ name: String, lives: Int, _ exit: ChildExit) -> CommandFailure {
        let times = lives > 1 ? " \(lives) times without getting anywhere, the last time" : ""
        return CommandFailure("\(name) ended\(times) with \(exit)\(lastWords(name))", .peerUnavailable)
    }

    /// The run would wait for groups for ever.
    private func nobodySamples(_ name: String, _ exit: ChildExit) -> CommandFailure {
        CommandFailure(
            "no worker is left to sample, and starting one again would not help; \(name) ended last, with "
                + "\(exit)\(lastWords(name))", TrainJob.exitCode(of: exit))
    }

    /// What a child said last, and where all of it stands.
    private func lastWords(_ name: String) -> String {
        let log = plan.logDirectory.appending("\(name).log")
        let cause = LastFailure(log: log.string).sentence.map { ": \($0)" } ?? ""
        return "\(cause) (log: \(log))"
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
