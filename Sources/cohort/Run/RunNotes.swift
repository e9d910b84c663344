import Foundation

/// What the learner says while it runs, on the terminal and in its log.
final class RunNotes: Sendable {
    let display: ProgressDisplay
    private let log: ProcessLog

    init(_ configuration: RunConfiguration, directory: RunDirectory) throws {
        let stream = StandardStream.output
        display = ProgressDisplay(
            output: stream,
            capabilities: stream.capabilities(environment: ProcessInfo.processInfo.environment),
            loggingSteps: configuration.run.loggingSteps, columns: { stream.columns() })
        log = try ProcessLog(
            path: directory.learnerLog, run: directory.name, role: "learner",
            now: { Date().timeIntervalSince1970 })
    }

    /// For the log alone: what whoever measures the run looks for.
    func log(step: Int, _ message: String) { log.log(level: "info", step: step, message) }

    func note(_ text: String) {
        log.log(level: "notice", text)
        display.note(text)
    }
}
