internal import SwiftProtobuf

/// Why the learner will not use a group.
package enum DropCause: Int, Sendable, CaseIterable {
    /// Received only: a cause that this release does not know.
    case other = 0
    /// Sampled from a version older than the bound.
    case stale = 1
    /// The lease ran out and its ticket was given up.
    case expired = 2
    /// The learner never gave this lease to this worker.
    case unknownLease = 3
    /// Key, ordinal, version, prompt or number of completions are not the ticket's.
    case ticketMismatch = 4
    /// The content was refused.
    case invalid = 5
    /// A reward is not finite.
    case badReward = 6
    /// The snapshot digest or numerics fingerprint is not the learner's.
    case numerics = 7
    /// The run has enough.
    case notNeeded = 8
    /// The group came with a scoring failure instead of rewards, or the learner's own scoring failed.
    case rewardFailed = 9
    /// Its rewards are all equal, and another prompt takes its place.
    case constantRewards = 10
}

/// What became of one group.
package enum Outcome: Hashable, Sendable {
    /// The first copy. `durable`: it is on stable storage.
    case accepted(durable: Bool)
    /// A copy with the same key was accepted before.
    case duplicate
    case dropped(DropCause)
}

/// The learner's verdict on one GROUP.
package struct Verdict: Hashable, Sendable {
    /// ≥ 1; of the GROUP.
    package var sequence: UInt64
    /// ≥ 1; the lease that it answered.
    package var lease: UInt64
    package var outcome: Outcome

    package init(sequence: UInt64, lease: UInt64, outcome: Outcome) {
        self.sequence = sequence
        self.lease = lease
        self.outcome = outcome
    }
}

/// ACK: which groups the worker may forget, and what became of them.
package struct Acknowledgement: Hashable, Sendable {
    /// Highest sequence up to which every group of the worker's incarnation has a verdict; 0: none.
    package var acknowledged: UInt64
    /// 0 to 512 of them; they inform, `acknowledged` decides.
    package var verdicts: [Verdict]

    package init(acknowledged: UInt64, verdicts: [Verdict]) {
        self.acknowledged = acknowledged
        self.verdicts = verdicts
    }
}

extension Acknowledgement: Command {
    init(_ header: ProtoAck, payload: PayloadReader) throws(WireError) {
        acknowledged = header.acknowledged
        verdicts = []
        try Self.check(count: header.verdicts.count)
        for verdict in header.verdicts { verdicts.append(try Verdict(verdict)) }
    }

    private static func check(count: Int) throws(WireError) {
        try WireError.check(
            count, atMost: WireLimits.verdictsPerAcknowledgement, "the number of verdicts in an ACK"
        )
    }

    func check() throws(WireError) {
        try Self.check(count: verdicts.count)
        for verdict in verdicts {
            try WireError.require(verdict.sequence > 0, "a verdict concerns the sequence 0")
            try WireError.require(verdict.lease > 0, "a verdict concerns the lease 0")
        }
    }

    func describe(in header: inout ProtoAck, payload: inout PayloadWriter) {
        header.acknowledged = acknowledged
        header.verdicts = verdicts.map(\.header)
    }
}

extension Verdict {
    fileprivate init(_ header: ProtoVerdict) throws(WireError) {
        let outcome: Outcome
        switch header.outcome {
        case .accepted: outcome = .accepted(durable: header.durable)
        case .duplicate: outcome = .duplicate
        case .dropped: outcome = .dropped(DropCause(rawValue: header.cause.rawValue) ?? .other)
        case .unspecified, .UNRECOGNIZED:
            throw WireError(.badField, "a verdict has the outcome \(header.outcome.rawValue)")
        }
        try WireError.require(
            header.outcome == .accepted || !header.durable,
            "a verdict other than ACCEPTED says durable")
        try WireError.require(
            header.outcome == .dropped || header.cause == .other,
            "a verdict other than DROPPED has a cause")
        self.init(sequence: header.sequence, lease: header.lease, outcome: outcome)
    }

    fileprivate var header: ProtoVerdict {
        .with {
            $0.sequence = sequence
            $0.lease = lease
            switch outcome {
            case .accepted(let durable):
                $0.outcome = .accepted
                $0.durable = durable
            case .duplicate:
                $0.outcome = .duplicate
            case .dropped(let cause):
                $0.outcome = .dropped
                $0.cause = .init(rawValue: cause.rawValue) ?? .other
            }
        }
    }
}
