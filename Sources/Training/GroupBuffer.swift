package import GRPO

/// Received groups that wait for their batch.
package struct GroupBuffer: Sendable {
    private let plan: SchedulePlan
    /// In the order of admission.
    private var groups: [Group] = []
    /// How many of them each batch of a lockstep run has.
    private var counts: [Int: Int] = [:]
    /// None is older.
    private var oldest = UInt64.max

    package init(plan: SchedulePlan) { self.plan = plan }

    package var count: Int { groups.count }

    package mutating func add(_ group: Group) {
        groups.append(group)
        if plan.schedule == .lockstep { counts[Int(group.ordinal) / plan.groupsPerBatch, default: 0] += 1 }
        oldest = min(oldest, group.version.number)
    }

    /// A batch in prompt order, and what turned out too old for it.
    package struct Assembly: Sendable {
        package var batch: [Group]?
        package var stale: [Group] = []
    }

    /// The batch of step `step`, if it is complete, while `current` is the learner's version.
    package mutating func assemble(step: Int, current: UInt64) -> Assembly {
        switch plan.schedule {
        case .lockstep: Assembly(batch: takeLockstep(step: step))
        case .bounded: takeBounded(current: current)
        }
    }

    private mutating func takeLockstep(step: Int) -> [Group]? {
        guard counts[step] == plan.groupsPerBatch else { return nil }
        counts[step] = nil
        let first = UInt64(step * plan.groupsPerBatch)
        let range = first..<(first + UInt64(plan.groupsPerBatch))
        let members = groups.filter { range.contains($0.ordinal) }
        groups.removeAll { range.contains($0.ordinal) }
        return members.sorted { $0.ordinal < $1.ordinal }
    }

    private mutating func takeBounded(current: UInt64) -> Assembly {
        let stale = takeStale(before: plan.oldestNeeded(current: current))
        guard groups.count >= plan.groupsPerBatch else { return Assembly(batch: nil, stale: stale) }
        let batch = groups.prefix(plan.groupsPerBatch).sorted { $0.ordinal < $1.ordinal }
        groups.removeFirst(plan.groupsPerBatch)
        return Assembly(batch: batch, stale: stale)
    }

    private mutating func takeStale(before bound: UInt64) -> [Group] {
        guard oldest < bound else { return [] }
        let stale = groups.filter { $0.version.number < bound }
        groups.removeAll { $0.version.number < bound }
        oldest = groups.lazy.map(\.version.number).min() ?? .max
        return stale
    }
}
