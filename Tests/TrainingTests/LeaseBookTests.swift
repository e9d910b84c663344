import GRPO
import Ports
import Testing
import Training

/// Every event in every state of a ticket. The book itself checks the accounting equation after each.
@Suite struct LeaseBookTests {
    @Test("Tickets are issued in order, up to the worker's slots and the bound on groups in flight")
    func grant() {
        var book = LeaseBook()
        #expect(book.lend(2, to: alice).map(\.ticket.ordinal) == [0, 1])
        #expect(book.lend(9, to: bob, inFlightMax: 5).map(\.ticket.ordinal) == [2, 3, 4])
        #expect(book.lend(1, to: carol, inFlightMax: 5).isEmpty)
        #expect(book.leaseCount(of: alice) == 2 && book.leaseCount(of: bob) == 3)
        #expect(book.accounting == counts(issued: 5, leased: 5))
        #expect(book.inFlight == 5 && book.firstUnissued == 5)
    }

    @Test("Lease numbers are never used twice, and a ticket whose turn has not come is not issued")
    func grantWithoutTicket() {
        var book = LeaseBook()
        let leases = book.grant(to: alice, slots: 9, inFlightMax: 9, now: .zero) {
            $0 < 2 ? makeTicket(ordinal: $0, attempt: $1) : nil
        }
        #expect(leases.map(\.ticket.ordinal) == [0, 1] && Set(leases.map(\.id)).count == 2)
        #expect(book.firstUnissued == 2 && book.accounting.issued == 2)
        book.lose(alice)
        let again = book.lend(2, to: bob)
        #expect(Set((leases + again).map(\.id)).count == 4)
    }

    @Test("Slots are a total: a worker that holds as many gets no more, whatever else is free")
    func slotsAreAbsolute() {
        var book = LeaseBook()
        _ = book.lend(3, to: alice)
        let more = book.grant(to: alice, slots: 3, inFlightMax: 9, now: .zero) {
            makeTicket(ordinal: $0, attempt: $1)
        }
        let fewer = book.grant(to: alice, slots: 0, inFlightMax: 9, now: .zero) {
            makeTicket(ordinal: $0, attempt: $1)
        }
        #expect(more.isEmpty && fewer.isEmpty)
    }

    @Test(
        "The first attempt's group gets the verdict that its ticket's state demands",
        arguments: [
            (.neverIssued, .dropped(.unknownTicket)),
            (.leased, nil), (.leasedAgain, nil), (.reclaimable, nil), (.received, .duplicate),
            (.journaled, .duplicate), (.consumed, .duplicate), (.awaitingRetry, .dropped(.badReward)),
            (.retryLeased, .dropped(.badReward)), (.retryReceived, .dropped(.badReward)),
            (.closed, .dropped(.drained)),
        ] as [(TicketState, Verdict?)])
    func receiveFirstAttempt(state: TicketState, verdict: Verdict?) {
        var book = state.book()
        let before = book.accounting
        #expect(book.receive(answer(makeTicket(ordinal: 0))) == verdict)
        let after = book.accounting
        #expect(after.isBalanced && after.issued == before.issued)
        #expect(after.received - before.received == (verdict == nil ? 1 : 0))
        #expect(after.duplicateCopies - before.duplicateCopies == (verdict == .duplicate ? 1 : 0))
        let isLate = verdict == .dropped(.badReward) || verdict == .dropped(.drained)
        #expect(after.lateCopies - before.lateCopies == (isLate ? 1 : 0))
        #expect(
            after.unknownCopies - before.unknownCopies
                == (verdict == .dropped(.unknownTicket) ? 1 : 0))
    }

    @Test(
        "The second attempt's group is only good where that attempt is out",
        arguments: [
            (.neverIssued, .dropped(.unknownTicket)), (.leased, .dropped(.unknownTicket)),
            (.leasedAgain, .dropped(.unknownTicket)), (.reclaimable, .dropped(.unknownTicket)),
            (.received, .dropped(.unknownTicket)), (.journaled, .dropped(.unknownTicket)), (.awaitingRetry, .dropped(.unknownTicket)),
            (.retryLeased, nil), (.retryReceived, .duplicate),
        ] as [(TicketState, Verdict?)])
    func receiveSecondAttempt(state: TicketState, verdict: Verdict?) {
        var book = state.book()
        #expect(book.receive(answer(makeTicket(ordinal: 0, attempt: 1))) == verdict)
        #expect(book.accounting.isBalanced)
    }

    @Test("A key of another place is never accepted", arguments: TicketState.allCases)
    func receiveForeignKey(state: TicketState) {
        var book = state.book()
        var group = answer(makeTicket(ordinal: 0))
        group.key.promptIndex = 77
        #expect(book.receive(group) != nil)
        #expect(book.accounting.isBalanced)
        group.ordinal = .max
        #expect(book.receive(group) == .dropped(.unknownTicket))
    }

    @Test("Of two holders of one ticket the first to answer wins, the earlier or the later")
    func lateAnswer() {
        for answersFirst in [alice, bob] {
            var book = TicketState.leasedAgain.book()
            #expect(book.leaseCount(of: alice) == 0 && book.leaseCount(of: bob) == 1)
            let group = answer(
                makeTicket(ordinal: 0), rewards: answersFirst == alice ? [1, 0] : [0, 1])
            #expect(book.receive(group) == nil)
            book.settle(group)
            #expect(book.receive(answer(makeTicket(ordinal: 0))) == .duplicate)
            book.consume([group])
            #expect(book.leaseCount(of: bob) == 1)  // until it is heard of him
            #expect(
                book.accounting
                    == counts(issued: 2, leased: 1, consumed: 1, reissued: 1, duplicates: 1))
        }
    }

    @Test("Losing a worker frees what it holds and nothing else", arguments: TicketState.allCases)
    func lose(state: TicketState) {
        var book = state.book()
        let before = book.accounting
        let pending = book.pending
        let carols = book.leaseCount(of: carol)
        book.lose(alice)
        book.lose(bob)
        #expect(book.accounting == before && book.pending == pending)
        #expect(book.leaseCount(of: alice) == 0 && book.leaseCount(of: bob) == 0)
        #expect(book.leaseCount(of: carol) == carols)
        let again = book.lend(1, to: carol).first?.ticket.key
        switch state {
        case .leased, .leasedAgain, .reclaimable: #expect(again == makeTicket(ordinal: 0).key)
        case .retryLeased: #expect(again == makeTicket(ordinal: 0, attempt: 1).key)
        default: #expect(book.accounting.reissued == before.reissued)
        }
    }

    @Test("Leases expire at their deadline and not before; the ticket stays counted as leased")
    func expire() {
        var book = LeaseBook()
        let first = book.lend(1, to: alice, at: .zero)
        _ = book.lend(1, to: bob, at: .seconds(5))
        #expect(book.expire(now: .seconds(9.999)) == 0)
        #expect(book.expire(now: .seconds(10)) == 1)
        #expect(book.expire(now: .seconds(10)) == 0)
        #expect(book.leaseCount(of: alice) == 1 && book.leaseCount(of: bob) == 1)
        #expect(book.accounting == counts(issued: 2, leased: 2))
        let again = book.lend(1, to: carol, at: .seconds(10))
        #expect(again.map(\.ticket) == first.map(\.ticket) && again[0].id != first[0].id)
        #expect(book.accounting == counts(issued: 2, leased: 2, reissued: 1))
        #expect(book.expire(now: .seconds(19)) == 1)  // bob's
        #expect(book.expire(now: .seconds(20)) == 1)  // carol's
    }

    @Test("A lease that is over fills its slot until its worker has answered it, given it up, or is gone")
    func overdue() {
        for ending in ["answered", "released", "lost"] {
            var book = LeaseBook()
            let leases = book.lend(2, to: alice)
            #expect(book.expire(now: .seconds(10)) == 2 && book.leaseCount(of: alice) == 2)
            _ = book.lend(1, to: bob, at: .seconds(10))  // the first again
            #expect(book.receive(answer(leases[0].ticket)) == nil)
            #expect(book.leaseCount(of: alice) == 2 && book.leaseCount(of: bob) == 1)
            switch ending {
            case "answered": book.answered(leases[0].id, by: alice)
            // The ticket has gone elsewhere, so only the slot is free.
            case "released": #expect(book.release([leases[0].id], by: alice) == 0)
            default: #expect(book.lose(alice) == 0)
            }
            #expect(book.leaseCount(of: alice) == (ending == "lost" ? 0 : 1))
            #expect(book.nextChanged() == alice)
            book.answered(leases[0].id, by: bob)  // not bob's
            #expect(book.leaseCount(of: bob) == 1)
        }
    }

    @Test("Expiry touches no ticket that is not out", arguments: TicketState.allCases)
    func expireInEveryState(state: TicketState) {
        var book = state.book()
        let before = book.accounting
        let out: Int =
            switch state {
            case .neverIssued, .closed: 0
            case .leased, .leasedAgain, .retryLeased: 2
            default: 1  // carol's
            }
        #expect(book.expire(now: .seconds(100)) == out)
        #expect(book.accounting == before)
    }

    @Test("Deadlines that were extended expire that much later")
    func extendDeadlines() {
        var book = LeaseBook()
        _ = book.lend(1, to: alice)
        _ = book.lend(1, to: bob)
        book.lose(bob)
        book.extendDeadlines(by: .seconds(100))
        #expect(book.expire(now: .seconds(109)) == 0)
        #expect(book.expire(now: .seconds(110)) == 1)
    }

    @Test("What was freed is leased again before anything new, the lowest ordinal first")
    func reclaimOrder() {
        var book = LeaseBook()
        _ = book.lend(2, to: alice)  // 0, 1
        _ = book.lend(2, to: bob)  // 2, 3
        _ = book.lend(1, to: alice)  // 4
        book.lose(bob)
        book.lose(alice)
        #expect(book.lend(7, to: carol).map(\.ticket.ordinal) == [0, 1, 2, 3, 4, 5, 6])
        #expect(book.accounting == counts(issued: 7, leased: 7, reissued: 5))
    }

    @Test("Freed tickets are leased again even where nothing new may be in flight")
    func reclaimAtTheBound() {
        var book = LeaseBook()
        _ = book.lend(2, to: alice, inFlightMax: 2)
        book.lose(alice)
        #expect(book.lend(2, to: bob, inFlightMax: 0).map(\.ticket.ordinal) == [0, 1])
    }
}
