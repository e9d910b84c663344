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

    init(_ setup: LearnerSetup, start: LearnerStart = LearnerStart(version: version(0))) {
        state = LearnerState(setup, prompts: prompts, start: start)
    }

    /// Handles an event, checks the books, and remembers the leases.
    mutating func handle(_ event: LearnerEvent) -> [LearnerAction] {
        let actions = state.handle(event, now: now)
        #expect(state.accounting.isBalanced)
        for action in actions {
            if case .train(let batch, _) = action { trained.append(batch) }
            guard case .grant(let leases, let worker) = action else { continue }
            for lease in leases {
                #expect(tickets.updateValue(lease.ticket, forKey: lease.id) == nil)
                holders[lease.id] = worker
            }
        }
        return actions
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
        handle(.trained(version: version))
    }

    mutating func tick(at time: Duration) -> [LearnerAction] {
        now = time
        return handle(.tick)
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
