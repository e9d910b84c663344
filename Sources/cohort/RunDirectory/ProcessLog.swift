#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif
private import Synchronization

/// One line of a process's log.
struct LogLine {
    /// Seconds since 1970.
    var time: Double
    var level: String
    var run: String
    /// "learner" or "worker".
    var role: String
    /// `nil` in the learner.
    var worker: Int?
    var step: Int?
    var message: String
    var fields: [(name: String, value: String)]

    var json: String {
        var object = JSONObjectText()
        object.add("ts", Timestamps.iso8601(time))
        object.add("level", level)
        object.add("run", run)
        object.add("role", role)
        if let worker { object.add("worker", worker) } else { object.addNull("worker") }
        if let step { object.add("step", step) } else { object.addNull("step") }
        object.add("msg", message)
        if !fields.isEmpty {
            var data = JSONObjectText()
            for field in fields { data.add(field.name, field.value) }
            object.add("data", data)
        }
        return object.text
    }
}

/// The log of one process: JSON lines with `ts`, `level`, `run`, `role`, `worker`, `step`, `msg`.
package final class ProcessLog: Sendable {
    private let file: JSONLinesFile
    private let run: String
    private let role: String
    private let worker: Int?
    private let now: @Sendable () -> Double
    private let lostLines = Mutex(0)

    /// `now` answers with seconds since 1970.
    package init(
        path: String, run: String, role: String, worker: Int? = nil,
        now: @escaping @Sendable () -> Double
    ) throws(CommandFailure) {
        file = try JSONLinesFile(path: path)
        self.run = run
        self.role = role
        self.worker = worker
        self.now = now
    }

    /// Lines that could not be written.
    package var lostLineCount: Int { lostLines.withLock { $0 } }

    /// Adds one line. Logging never stops a run: a line that cannot be written is counted, and the
    /// first one is reported on standard error.
    package func log(
        level: String, step: Int? = nil, _ message: String,
        fields: [(name: String, value: String)] = []
    ) {
        let line = LogLine(
            time: now(), level: level, run: run, role: role, worker: worker, step: step,
            message: message, fields: fields)
        do throws(CommandFailure) {
            try file.append(line.json)
        } catch {
            let isFirst = lostLines.withLock { count in
                count += 1
                return count == 1
            }
            let report = Array("cohort: \(error); further log lines may be lost\n".utf8)
            if isFirst { try? POSIXFile.write(report, to: STDERR_FILENO, path: "standard error") }
        }
    }
}
