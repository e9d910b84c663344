import GRPO
import Ports
import Testing
import Training

/// A learner's state machine with a clock, and what its actions have led to.
struct LearnerScript {
    var state: LearnerState
    var now = Duration.zero
    private(set) var tickets: [Lease.ID: Ticket] = [:]
    private(set) var holders: [Lease.ID: WorkerID] = [:]
    private(set) var trained: [[Group]] = []
    /// Every entry so far.
    private(set) var journal: [JournalEntry] = []
    /// Commits end only by `endCommit`.
    var holdsCommits = false

    init(_ setup: LearnerSetup, start: LearnerStart = LearnerStart(version: version(0))) {
        state = LearnerState(setup, prompts: prompts, start: start)
    }

    /// Handles an event, checks the books, and remembers leases and entries. The journal is as fast as can
    /// be, unless `holdsCommits`; what is trained is published at once.
    mutating func handle(_ event: LearnerEvent) -> [LearnerAction] {
        note(state.handle(event, now: now))
    }

    /// Ends the commit that is under way.
    mutating func endCommit() -> [LearnerAction] { handle(.journaled) }

    mutating func start(number: UInt64 = 0, waiting: [Group] = []) -> [LearnerAction] {
        let version = PolicyVersion(incarnation: state.version.incarnation, number: number)
        return note(state.start(with: published(version), waiting: waiting))
    }

    private mutating func note(_ actions: [LearnerAction]) -> [LearnerAction] {
        #expect(state.accounting.isBalanced)
        var shown: [LearnerAction] = []
        for action in actions {
            switch action {
            case .journal(let entries):
                journal += entries
                if !holdsCommits { shown += note(state.handle(.journaled, now: now)) }
            case .publish(let step): shown += publish(step)
            case .train(let batch, _): trained.append(batch)
            case .grant(let leases, let worker): remember(leases, of: worker)
            default: break
            }
            if case .journal = action { continue }
            if case .publish = action { continue }
            shown.append(action)
        }
        return shown
    }

    private mutating func publish(_ step: Int) -> [LearnerAction] {
        let next = PolicyVersion(
            incarnation: state.version.incarnation, number: UInt64(step) + 1)
        return note(state.handle(.published(published(next)), now: now))
    }

    private func published(_ version: PolicyVersion) -> PublishedVersion {
        PublishedVersion(
            version: version, digest: digest(version.number), optimizerSteps: 0, tokens: 0,
            accounting: state.accounting, metrics: "")
    }

    private mutating func remember(_ leases: [Lease], of worker: WorkerID) {
        for lease in leases {
            #expect(tickets.updateValue(lease.ticket, forKey: lease.id) == nil)
            holders[lease.id] = worker
        }
    }

    mutating func join(_ worker: WorkerID, slots: Int) -> [LearnerAction] {
        handle(.rollout(.ready(worker, slots: slots)))
    }

    mutating func lose(_ worker: WorkerID) -> [LearnerAction] {
        handle(.rollout(.lost(worker, cause: "test")))
    }

    /// The holder of a lease answers it, or `worker` does.
    mutating func push(
        _ lease: Lease.ID, rewards: [Double?] = [1, 0], from worker: WorkerID? = nil,
        change: (inout Group) -> Void = { _ in }
    ) -> [LearnerAction] {
        var group = answer(tickets[lease]!, rewards: rewards)
        change(&group)
        return handle(.rollout(.group(group, lease: lease, from: worker ?? holders[lease]!)))
    }

    func newestLease(of worker: WorkerID) -> Lease.ID {
        holders.filter { $0.value == worker }.keys.max()!
    }

    mutating func finishTraining(version: UInt64) -> [LearnerAction] {
        let actions = handle(.trained)
        #expect(holdsCommits || state.version.number == version)
        return actions
    }

    mutating func tick(at time: Duration) -> [LearnerAction] {
        now = time
        return handle(.tick)
    }
}

/// Of the weights that version `number` has in these tests.
func digest(_ number: UInt64) -> SnapshotDigest {
    SnapshotDigest(bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32))
}

extension RunHistory {
    /// The history that these entries are.
    init(_ entries: [JournalEntry]) throws {
        self.init()
        for entry in entries { try apply(entry.record) }
    }

    /// The groups that wait, from the journal that this is the history of.
    func groups(in journal: [JournalEntry]) -> [Group] {
        waiting.compactMap { admitted in
            for case .group(let group, _) in journal where group.key == admitted.key { return group }
            return nil
        }
    }
}

extension [LearnerAction] {
    /// Places in the run that were granted, by worker.
    var granted: [WorkerID: [UInt64]] {
        var result: [WorkerID: [UInt64]] = [:]
        for case .grant(let leases, let worker) in self {
            result[worker, default: []] += leases.map(\.ticket.ordinal)
        }
        return result
    }

    var grantedTickets: [Ticket] {
        flatMap { action in
            if case .grant(let leases, _) = action { leases.map(\.ticket) } else { [] as [Ticket] }
        }
    }

    var verdicts: [Verdict] {
        compactMap { if case .answer(let verdict, _, _) = $0 { verdict } else { nil } }
    }

    /// Steps whose training starts.
    var steps: [Int] { compactMap { if case .train(_, let step) = $0 { step } else { nil } } }

    var notes: [String] { compactMap { if case .note(let text) = $0 { text } else { nil } } }

    var abortReason: String? {
        compactMap { if case .abort(let reason) = $0 { reason } else { nil } }.first
    }
}
