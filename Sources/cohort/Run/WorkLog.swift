package import Foundation

/// The lines in the logs of a run's processes that tell what work was done. Whoever watches over the
/// processes reads them back, and so do measurements of recovery.
package enum WorkLog {
    /// The learner: it has read the checkpoint of the line's `step`, or the model that the run starts from.
    package static let loaded = "policy loaded"
    /// The learner, at the line's `step`: the version that the step made can be fetched.
    package static let published = "step published"
    /// A worker, once in its life: it has handed over groups.
    package static let firstGroups = "first groups handed over"
    /// A worker, where it is traced: it begins with these tickets. `data.tickets` holds PLACE.ATTEMPT of
    /// each, with a blank between them.
    package static let sampling = "sampling"
    package static let tickets = "tickets"

    /// A line of a log that is one of `ProcessLog`.
    package struct Record: Hashable, Sendable {
        /// Seconds since 1970, to the millisecond.
        package var time: Double
        package var message: String
        package var step: Int?
        package var data: [String: String]

        package init(time: Double, message: String, step: Int? = nil, data: [String: String] = [:]) {
            self.time = time
            self.message = message
            self.step = step
            self.data = data
        }
    }

    /// The records among the lines of a log; whatever else was written there is skipped.
    package static func records(in text: some StringProtocol) -> [Record] {
        let decoder = JSONDecoder()
        return text.split(separator: "\n").compactMap { line in
            guard line.first == "{", let row = try? decoder.decode(Row.self, from: Data(line.utf8)),
                let time = try? Date(row.ts, strategy: timestamps)
            else { return nil }
            return Record(
                time: time.timeIntervalSince1970, message: row.msg, step: row.step, data: row.data ?? [:])
        }
    }

    private static let timestamps = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private struct Row: Decodable {
        var ts: String
        var msg: String
        var step: Int?
        var data: [String: String]?
    }
}

/// Follows the log of a child over its lives and tells whether the last one got anywhere: a worker if it
/// handed over groups, the learner if it published a step that no earlier life had.
struct LoggedProgress {
    let path: String
    private var offset: UInt64 = 0
    /// The last step that was published in any life, 0 before the first.
    private(set) var lastStep = 0

    init(path: String) {
        self.path = path
        // A resumed run goes on where an earlier command's processes stopped.
        _ = hasAdvanced()
    }

    /// Whether the lines since the last call show progress.
    mutating func hasAdvanced() -> Bool {
        let records = WorkLog.records(in: newText())
        let step = records.lazy.filter { $0.message == WorkLog.published }.compactMap(\.step).max() ?? 0
        defer { lastStep = max(lastStep, step) }
        return step > lastStep || records.contains { $0.message == WorkLog.firstGroups }
    }

    private mutating func newText() -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        let bytes = (try? file.seek(toOffset: offset)).flatMap { try? file.readToEnd() } ?? Data()
        offset += UInt64(bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }
}
