import GRPO
import Ports
import Testing
import Training

extension LeaseBook {
    init(leaseDuration: Duration = .seconds(10)) {
        self.init(history: RunHistory(), incarnation: 0, leaseDuration: leaseDuration)
    }

    /// Leases up to `count` more tickets, all of version `number`.
    mutating func lend(
        _ count: Int, to worker: WorkerID, at now: Duration = .zero, inFlightMax: Int = 100,
        version number: UInt64 = 0
    ) -> [Lease] {
        grant(
            to: worker, slots: leaseCount(of: worker) + count, inFlightMax: inFlightMax, now: now
        ) { makeTicket(ordinal: $0, attempt: $1, version: number) }
    }
}

/// Where the ticket of ordinal 0 can be. In each, alice had its lease first.
enum TicketState: CaseIterable {
    case neverIssued, leased, leasedAgain, reclaimable, received, journaled, consumed
    /// Attempt 0 was dropped; attempt 1 is to come, is out, or is back.
    case awaitingRetry, retryLeased, retryReceived
    case closed

    /// A book with the ticket of ordinal 0 in this state and the ticket of ordinal 1 leased to carol.
    func book() -> LeaseBook {
        var book = LeaseBook()
        guard self != .neverIssued else { return book }
        let ticket = book.lend(1, to: alice)[0].ticket
        _ = book.lend(1, to: carol)
        switch self {
        case .neverIssued, .leased: break
        case .leasedAgain:
            book.lose(alice)
            _ = book.lend(1, to: bob)
        case .reclaimable: book.lose(alice)
        case .received: _ = book.receive(answer(ticket))
        case .journaled:
            _ = book.receive(answer(ticket))
            book.settle(answer(ticket))
        case .consumed:
            _ = book.receive(answer(ticket))
            book.settle(answer(ticket))
            book.consume([answer(ticket)])
        case .awaitingRetry, .retryLeased, .retryReceived:
            _ = book.receive(answer(ticket))
            _ = book.discard(answer(ticket), cause: .badReward)
            guard self != .awaitingRetry else { break }
            let retry = book.lend(1, to: bob)[0].ticket
            if self == .retryReceived { _ = book.receive(answer(retry)) }
        case .closed: _ = book.close(cause: .drained, isComplete: true)
        }
        return book
    }
}

/// The accounting that a sequence of events should have led to; what is not named is 0.
func counts(
    issued: Int = 0, leased: Int = 0, received: Int = 0, journaled: Int = 0, consumed: Int = 0,
    dropped: [DropCause: Int] = [:], reissued: Int = 0, duplicates: Int = 0, malformed: Int = 0,
    unknown: Int = 0, late: Int = 0
) -> GroupAccounting {
    var accounting = GroupAccounting()
    accounting.issued = issued
    accounting.leased = leased
    accounting.received = received
    accounting.journaled = journaled
    accounting.consumed = consumed
    accounting.dropped = Dictionary(uniqueKeysWithValues: dropped.map { ($0.rawValue, $1) })
    accounting.reissued = reissued
    accounting.duplicateCopies = duplicates
    accounting.malformedCopies = malformed
    accounting.unknownCopies = unknown
    accounting.lateCopies = late
    return accounting
}
