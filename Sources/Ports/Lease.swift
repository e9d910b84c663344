package import GRPO

/// A worker as the learner knows it: its name and which start of it.
package struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var incarnation: UInt64

    package init(name: String, incarnation: UInt64) {
        self.name = name
        self.incarnation = incarnation
    }

    package var description: String { name }
}

/// The time-limited right to answer one ticket; it is also the permission to send one group.
package struct Lease: Hashable, Sendable {
    package typealias ID = UInt64

    /// Never 0, and different over all starts of the learner: `firstID(ofIncarnation:)` and those after it.
    package var id: ID
    package var ticket: Ticket

    package init(id: ID, ticket: Ticket) {
        self.id = id
        self.ticket = ticket
    }

    /// The first id that the learner of `incarnation` gives out; ids of the next one are larger.
    package static func firstID(ofIncarnation incarnation: UInt32) -> ID {
        UInt64(incarnation) << 32 | 1
    }

    /// Which start of the learner gave the lease out.
    package static func incarnation(of id: ID) -> UInt32 { UInt32(id >> 32) }
}

/// What became of a group that a worker pushed. Every group gets one, or its worker would resend it for
/// ever.
package enum Verdict: Hashable, Sendable {
    /// Taken into the run; `durable` once it would survive the learner's death.
    case accepted(durable: Bool)
    /// Another copy of the same ticket's group was taken before.
    case duplicate
    case dropped(DropCause)
}

/// Why a group was not used. The raw value is the counter's name: `groups/dropped/{cause}`.
package enum DropCause: String, Hashable, Sendable, Codable, CaseIterable {
    /// Older than `max_staleness` when the batch was assembled.
    case stale
    /// A reward was NaN or infinite, or their count was wrong.
    case badReward = "bad_reward"
    /// Whoever scores could not: a reward program failed.
    case rewardFailed = "reward_failed"
    /// Its rewards are all equal, and `dynamic_sampling` replaces such groups.
    case constantRewards = "constant_rewards"
    /// The copy does not answer its ticket: other prompt, version, group size, or out-of-range values.
    case malformed
    /// Its ticket is unknown to this learner, for instance from before its restart.
    case unknownTicket = "unknown_ticket"
    /// The run ended or was interrupted while the ticket was out.
    case drained
}
