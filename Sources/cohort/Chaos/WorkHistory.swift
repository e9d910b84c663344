import Foundation

/// What a run's processes wrote down about their work, from all their lives.
package struct WorkHistory: Hashable, Sendable {
    /// A step that was published.
    package struct Step: Hashable, Sendable {
        package var time: Double
        package var step: Int

        package init(time: Double, step: Int) {
            self.time = time
            self.step = step
        }
    }

    /// Tickets that a worker began with.
    package struct Start: Hashable, Sendable {
        package var time: Double
        package var worker: String
        package var tickets: [String]

        package init(time: Double, worker: String, tickets: [String]) {
            self.time = time
            self.worker = worker
            self.tickets = tickets
        }
    }

    /// In the order in which they happened; a step that was computed again is there twice.
    package var steps: [Step]
    /// Of all workers, by time.
    package var starts: [Start]
    /// By worker: when a life of it handed over its first groups.
    package var deliveries: [String: [Double]]
    /// By worker: when it did anything that it wrote down.
    package var signs: [String: [Double]]

    package init(
        steps: [Step], starts: [Start], deliveries: [String: [Double]], signs: [String: [Double]]
    ) {
        self.steps = steps
        self.starts = starts
        self.deliveries = deliveries
        self.signs = signs
    }

    /// Of the run in `directory` with that many workers.
    init(of directory: RunDirectory, workers: Int) {
        steps = Self.records(directory.learnerLog).compactMap { record in
            guard record.message == WorkLog.published, let step = record.step else { return nil }
            return Step(time: record.time, step: step)
        }
        (starts, deliveries, signs) = ([], [:], [:])
        for worker in 0..<workers {
            let (name, records) = ("worker-\(worker)", Self.records(directory.workerLog(worker)))
            deliveries[name] = records.filter { $0.message == WorkLog.firstGroups }.map(\.time)
            signs[name] = records.map(\.time)
            starts += records.filter { $0.message == WorkLog.sampling }.map { record in
                let tickets = record.data[WorkLog.tickets, default: ""].split(separator: " ")
                return Start(time: record.time, worker: name, tickets: tickets.map(String.init))
            }
        }
        starts.sort { $0.time < $1.time }
    }

    private static func records(_ path: String) -> [WorkLog.Record] {
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        return WorkLog.records(in: String(decoding: bytes, as: UTF8.self))
    }
}
