package import GRPO
package import Ports

/// What a run's journal says, folded into what a learner needs to go on where another died.
///
/// Every place of the run (ordinal) is in one of these states: unknown to the journal, *waiting* (journaled,
/// without a batch), *consumed*, or dropped so many times and to be issued again.
package struct RunHistory: Hashable, Sendable {
    /// Of the last learner that started; `nil`: none has.
    package private(set) var incarnation: UInt32?
    /// Durable counts: nothing is leased or received in a journal.
    package private(set) var accounting = GroupAccounting()
    /// Places before this one have been in use.
    package private(set) var firstUnissued: UInt64 = 0
    /// The places of each batch, by step.
    package private(set) var batches: [[UInt64]] = []
    /// Of the weights by the number of their version, whichever learner published them.
    package private(set) var digests: [UInt64: SnapshotDigest] = [:]
    /// Every name under which weights were published.
    package private(set) var versions: Set<PolicyVersion> = []
    /// The last attempt that was dropped, by place.
    package private(set) var drops: [UInt64: DroppedTicket] = [:]
    /// How often each unfinished place was dropped for its rewards, or for want of them.
    package private(set) var badRewards: [UInt64: Int] = [:]
    private var waitingByOrdinal: [UInt64: Admission] = [:]
    private var consumed = OrdinalSet()
    private var admissions = 0

    private struct Admission: Hashable {
        var number: Int
        var group: AdmittedGroup
    }

    package init() {}

    /// The history of everything that `journal` holds. Throws what reading throws, and
    /// `JournalInconsistent`.
    package init(of journal: some Journal) async throws {
        var position: Int64 = 0
        while true {
            let records = try await journal.records(after: position, limit: 4_096)
            if records.isEmpty { return }
            for record in records {
                position += 1
                do throws(JournalInconsistent) { try apply(record) } catch {
                    throw JournalInconsistent("entry \(position): \(error)")
                }
            }
        }
    }

    /// Groups that have no batch, in the order of their admission.
    package var waiting: [AdmittedGroup] {
        waitingByOrdinal.values.sorted { $0.number < $1.number }.map(\.group)
    }

    /// Places in use whose group is still to come, with the attempt to issue.
    package var pending: [UInt64: UInt32] {
        var pending: [UInt64: UInt32] = [:]
        for ordinal in consumed.firstMissing..<max(firstUnissued, consumed.firstMissing)
        where !consumed.contains(ordinal) && waitingByOrdinal[ordinal] == nil {
            pending[ordinal] = drops[ordinal].map { $0.key.attempt + 1 } ?? 0
        }
        return pending
    }

    /// The counts as they were when the batch of `step` had been consumed and no later one: the groups of
    /// later batches wait.
    package func accounting(after step: Int) -> GroupAccounting {
        let later = batches.dropFirst(step + 1).reduce(0) { $0 + $1.count }
        var accounting = accounting
        accounting.consumed -= later
        accounting.journaled += later
        return accounting
    }

    /// Adds what came next. Throws `JournalInconsistent` where it cannot have.
    package mutating func apply(_ record: JournalRecord) throws(JournalInconsistent) {
        switch record {
        case .start(let number):
            guard number > incarnation ?? 0 || incarnation == nil else {
                throw JournalInconsistent("start \(number) comes after start \(incarnation ?? 0)")
            }
            incarnation = number
        case .group(let group): try admit(group)
        case .drop(let ticket): drop(ticket)
        case .batch(let step, let members): try consume(members, step: step)
        case .version(let published): try publish(published)
        case .checkpoint: break
        }
    }

    private mutating func admit(_ group: AdmittedGroup) throws(JournalInconsistent) {
        guard waitingByOrdinal[group.ordinal] == nil, !consumed.contains(group.ordinal) else {
            throw JournalInconsistent("there is a second group at place \(group.ordinal)")
        }
        admissions += 1
        waitingByOrdinal[group.ordinal] = Admission(number: admissions, group: group)
        use(group.ordinal)
        accounting.issued += 1
        accounting.journaled += 1
    }

    private mutating func drop(_ ticket: DroppedTicket) {
        if waitingByOrdinal.removeValue(forKey: ticket.ordinal) != nil {
            accounting.journaled -= 1
        } else {
            accounting.issued += 1
        }
        use(ticket.ordinal)
        accounting.drop(ticket.cause)
        drops[ticket.ordinal] = ticket
        if ticket.cause.isForRewards { badRewards[ticket.ordinal, default: 0] += 1 }
    }

    private mutating func consume(
        _ members: [UInt64], step: Int
    ) throws(JournalInconsistent) {
        guard step == batches.count else {
            throw JournalInconsistent("batch \(step) comes after \(batches.count) batches")
        }
        for ordinal in members {
            guard waitingByOrdinal.removeValue(forKey: ordinal) != nil else {
                throw JournalInconsistent(
                    "batch \(step) holds place \(ordinal), where no group waits")
            }
            consumed.insert(ordinal)
            drops[ordinal] = nil
            badRewards[ordinal] = nil
        }
        batches.append(members)
        accounting.journaled -= members.count
        accounting.consumed += members.count
    }

    private mutating func publish(
        _ published: PublishedVersion
    ) throws(JournalInconsistent) {
        let number = published.version.number
        guard number <= UInt64(batches.count) else {
            throw JournalInconsistent("version \(number) has no batch that made it")
        }
        if let known = digests[number], known != published.digest {
            throw JournalInconsistent(
                "version \(number) has the digest \(published.digest), and \(known) before")
        }
        digests[number] = published.digest
        versions.insert(published.version)
        // What only memory knows is in the counts that came with the last version.
        accounting.takeCopies(from: published.accounting)
    }

    private mutating func use(_ ordinal: UInt64) {
        firstUnissued = max(firstUnissued, ordinal + 1)
    }
}

extension DropCause {
    /// Whether rewards, or the want of them, made the group useless.
    package var isForRewards: Bool { self == .badReward || self == .rewardFailed }
}

/// A journal says what no run can have done.
package struct JournalInconsistent: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Places of a run, of which nearly all before some place are in the set.
struct OrdinalSet: Hashable, Sendable {
    /// All smaller ones are in it.
    private(set) var firstMissing: UInt64 = 0
    private var beyond: Set<UInt64> = []

    func contains(_ ordinal: UInt64) -> Bool {
        ordinal < firstMissing || beyond.contains(ordinal)
    }

    mutating func insert(_ ordinal: UInt64) {
        guard ordinal >= firstMissing else { return }
        beyond.insert(ordinal)
        while beyond.remove(firstMissing) != nil { firstMissing += 1 }
    }
}
