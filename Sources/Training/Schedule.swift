/// Which version a ticket is sampled from, and which groups may train.
package enum Schedule: String, Sendable, Codable, CaseIterable {
    /// Batch k is sampled from exactly version max(0, k − `max_staleness`): reproducible.
    case lockstep
    /// Tickets name the newest version and workers never wait; groups staler than the bound are dropped.
    case bounded
}

/// The sizes that decide when tickets are issued and batches are assembled.
package struct SchedulePlan: Hashable, Sendable {
    package var schedule: Schedule
    /// In published versions.
    package var maxStaleness: Int
    /// Groups per generation batch.
    package var groupsPerBatch: Int
    /// Generation batches in the whole run.
    package var maxSteps: Int

    package init(schedule: Schedule, maxStaleness: Int, groupsPerBatch: Int, maxSteps: Int) {
        precondition(maxStaleness >= 0 && groupsPerBatch > 0 && maxSteps >= 0)
        self.schedule = schedule
        self.maxStaleness = maxStaleness
        self.groupsPerBatch = groupsPerBatch
        self.maxSteps = maxSteps
    }

    /// The number of the version that the ticket at `ordinal` is sampled from, while `current` is the
    /// newest; `nil` if that version does not exist yet.
    package func version(forOrdinal ordinal: UInt64, current: UInt64) -> UInt64? {
        switch schedule {
        case .bounded: return current
        case .lockstep:
            let batch = ordinal / UInt64(groupsPerBatch)
            let wanted = batch > UInt64(maxStaleness) ? batch - UInt64(maxStaleness) : 0
            return wanted <= current ? wanted : nil
        }
    }

    /// The oldest version that a batch still to come may be sampled from, while `current` is the newest.
    package func oldestNeeded(current: UInt64) -> UInt64 {
        current > UInt64(maxStaleness) ? current - UInt64(maxStaleness) : 0
    }

    /// Groups that the whole run trains on.
    package var groupsTotal: Int { maxSteps * groupsPerBatch }

    /// How many groups may be out or waiting at once: the bound on the learner's memory.
    package var groupsInFlightMax: Int { (maxStaleness + 1) * groupsPerBatch }
}
