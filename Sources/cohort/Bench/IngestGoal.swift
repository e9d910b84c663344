import Foundation

/// One commit of the journal, as the learner saw it.
package struct IngestCommit: Hashable, Sendable {
    package var groups: Int
    /// From the call to the return.
    package var seconds: Double

    package init(groups: Int, seconds: Double) {
        self.groups = groups
        self.seconds = seconds
    }
}

/// When a measurement of ingest is over, and what it found.
package protocol IngestGoal: Sendable {
    /// After each commit.
    mutating func isReached(by commit: IngestCommit, at now: ContinuousClock.Instant) throws -> Bool
}

/// Ingest for a span of time.
package struct TimedIngest: IngestGoal {
    private var meter: Meter
    package private(set) var throughput: Throughput?
    /// All of them, warm-up too.
    package private(set) var commits: [IngestCommit] = []

    package init(_ pace: Pace) { meter = Meter(pace) }

    package mutating func isReached(
        by commit: IngestCommit, at now: ContinuousClock.Instant
    ) -> Bool {
        commits.append(commit)
        throughput = meter.add(commit.groups, at: now)
        return throughput != nil
    }
}

/// Ingest of a number of groups, with a look at what they take at each tenth of the way.
package struct CountedIngest: IngestGoal {
    package static let marks = 10

    private let total: Int
    /// What the run has taken so far: memory and files.
    private let look: @Sendable () throws -> IngestFootprint
    private let say: @Sendable (IngestMark) -> Void
    private var count = 0
    private var last: (count: Int, time: ContinuousClock.Instant)
    package private(set) var marks: [IngestMark] = []

    package init(
        groups total: Int, from start: ContinuousClock.Instant = .now,
        look: @escaping @Sendable () throws -> IngestFootprint,
        say: @escaping @Sendable (IngestMark) -> Void = { _ in }
    ) {
        precondition(total > 0, "a run of no groups")
        self.total = total
        self.look = look
        self.say = say
        last = (0, start)
    }

    package mutating func isReached(
        by commit: IngestCommit, at now: ContinuousClock.Instant
    ) throws -> Bool {
        count += commit.groups
        guard count * Self.marks >= total * (marks.count + 1) else { return false }
        let seconds = (now - last.time) / .seconds(1)
        let mark = IngestMark(
            groups: count, groupsPerS: Double(count - last.count) / max(seconds, 1e-9),
            footprint: try look())
        // A commit of many groups may pass several tenths.
        while marks.count < Self.marks, count * Self.marks >= total * (marks.count + 1) {
            marks.append(mark)
        }
        say(mark)
        last = (count, now)
        return count >= total
    }
}

/// What a process and its ledger take.
package struct IngestFootprint: Hashable, Sendable, Codable {
    /// Memory of the process now; `nil` where the system does not say.
    package var rssBytes: Int?
    /// The most so far.
    package var peakRssBytes: Int
    package var ledgerBytes: Int
    /// Of the write-ahead log.
    package var logBytes: Int

    package init(rssBytes: Int?, peakRssBytes: Int, ledgerBytes: Int, logBytes: Int) {
        self.rssBytes = rssBytes
        self.peakRssBytes = peakRssBytes
        self.ledgerBytes = ledgerBytes
        self.logBytes = logBytes
    }

    /// Of this process and the ledger at `path`.
    init(ledger path: String) throws {
        func size(_ path: String) throws -> Int {
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        }
        self.init(
            rssBytes: ProcessMemory.currentBytes, peakRssBytes: ProcessMemory.peakBytes,
            ledgerBytes: try size(path), logBytes: try size(path + "-wal"))
    }
}

/// Where a long ingest was at one moment.
package struct IngestMark: Hashable, Sendable, Codable {
    /// Durable so far.
    package var groups: Int
    /// Since the mark before.
    package var groupsPerS: Double
    package var footprint: IngestFootprint

    package init(groups: Int, groupsPerS: Double, footprint: IngestFootprint) {
        self.groups = groups
        self.groupsPerS = groupsPerS
        self.footprint = footprint
    }
}
