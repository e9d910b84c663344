internal import GRPO
internal import Ports
internal import Sessions
internal import Training
internal import Wire

/// A second bookkeeper: it sees what goes in and out of the learner and what the workers hear, keeps books
/// of its own, and says what must not be.
///
/// It asks the state machines for nothing but the accounts that it compares with its own.
struct Checker {
    let setup: SimulationSetup
    /// The first thing that was wrong.
    private(set) var violation: String?

    /// What is durable.
    var journal = JournalBooks()
    /// Tickets out at workers or waiting to be taken again, in this life of the learner.
    var out: [TicketKey: Ticket] = [:]
    /// A group from before a restart may take a ticket that was never given out.
    var knowsLeased = true
    var incarnation: UInt32 = 0
    var leases: Set<Lease.ID> = []
    /// Whose group came, in this life of the learner.
    var delivered: Set<Lease.ID> = []
    /// The last start of each worker that was welcome, in this life of the learner.
    var welcomed: [String: UInt64] = [:]
    /// What the learner has been told under each lease.
    var answers: [Lease.ID: TicketKey] = [:]
    /// What each step trained on. A step that a dead learner trained and nobody remembers is not in it.
    var batches: [[TicketKey]] = []
    var steps: [TicketKey: Int] = [:]
    var weights: [UInt64: UInt64] = [:]
    var digests: [UInt64: ContentDigest] = [:]
    /// Groups that workers were told to be durable.
    var promised: Set<TicketKey> = []
    var pushes: [Lease.ID: TicketKey] = [:]

    init(_ setup: SimulationSetup) { self.setup = setup }

    mutating func fail(_ what: String) { violation = violation ?? what }

    /// A learner has recovered what it could.
    mutating func started(learner: LearnerProcess, waiting: [Group]) {
        guard setup.checks else { return }
        out = [:]
        knowsLeased = true
        incarnation = learner.version.incarnation
        answers = [:]
        delivered = []
        welcomed = [:]
        let step = Int(learner.version.number)
        if journal.batches.count != step || batches.count < step {
            fail("the learner begins at step \(step), \(journal.batches.count) batches are durable")
        }
        if Array(batches.prefix(step)) != journal.batches {
            fail("the journal's batches are not those that were trained on")
        }
        for key in batches.dropFirst(step).joined() { steps[key] = nil }
        batches.removeLast(max(0, batches.count - step))
        if weights.keys.contains(where: { $0 > UInt64(step) }) {
            fail("the learner begins at version \(step), and a later one was published")
        }
        if Set(waiting.map(\.key)) != journal.waiting {
            fail("\(waiting.count) groups wait after the start, \(journal.waiting.count) in the journal")
        }
        if let lost = promised.first(where: { !journal.knows($0) }) {
            fail("\(lost) was acknowledged as durable and is not in the journal")
        }
        check(learner.state.accounting)
    }

    /// These became durable.
    mutating func committed(_ entries: [JournalEntry]) {
        guard setup.checks else { return }
        for entry in entries {
            if let defect = journal.add(entry) { fail(defect) }
        }
    }

    mutating func published(_ reference: SnapshotReference, _ new: UInt64) {
        guard setup.checks else { return }
        let number = reference.version.number
        if let known = weights.updateValue(new, forKey: number), known != new {
            fail("version \(number) was published with two different weights")
        }
        digests[number] = reference.digest
    }

    mutating func finish(weights final: UInt64) {
        guard setup.checks else { return }
        if batches.count != setup.plan.maxSteps || journal.batches != batches {
            fail("the run ended after \(batches.count) steps, \(journal.batches.count) of them durable")
        }
        if let lost = promised.first(where: { steps[$0] == nil && !journal.hasDropped($0) }) {
            fail("\(lost) was acknowledged as durable, and neither trained on nor dropped")
        }
        if final != journal.weights(from: setup.firstWeights) {
            fail("the journal's batches do not lead to the final weights")
        }
        guard setup.plan.schedule == .lockstep, final != Expectation.weights(setup) else { return }
        fail("the final weights are not those of a calm run")
    }
}
