import GRPO
import Ports
import Testing
import Training

@Suite struct LeaseBookDropTests {
    @Test("A discarded group's prompt is issued again first, as a new attempt")
    func discard() {
        var book = LeaseBook()
        let leases = book.lend(3, to: alice)
        let group = answer(leases[1].ticket)
        _ = book.receive(group)
        _ = book.discard(group, cause: .badReward)
        #expect(book.accounting == counts(issued: 3, leased: 2, dropped: [.badReward: 1]))
        #expect(book.pending == [0: 0, 1: 1, 2: 0])
        let next = book.lend(2, to: alice).map(\.ticket)
        #expect(next.map(\.ordinal) == [1, 3] && next.map(\.key.attempt) == [1, 0])
        #expect(book.accounting == counts(issued: 5, leased: 4, dropped: [.badReward: 1]))
    }

    @Test("A retry waits for room in flight, and attempts go on counting")
    func discardAgain() {
        var book = LeaseBook()
        for attempt in 0..<4 as Range<UInt32> {
            let ticket = book.lend(1, to: alice, inFlightMax: 1)[0].ticket
            #expect(ticket.ordinal == 0 && ticket.key.attempt == attempt)
            #expect(book.lend(1, to: bob, inFlightMax: 1).isEmpty)
            _ = book.receive(answer(ticket))
            _ = book.discard(answer(ticket), cause: .stale)
        }
        #expect(book.accounting == counts(issued: 4, dropped: [.stale: 4]))
    }

    @Test("A malformed copy from the holder frees the ticket under the same key")
    func refuseCopyFromHolder() {
        var book = TicketState.leased.book()
        book.refuseCopy(answer(makeTicket(ordinal: 0)), from: alice)
        #expect(book.leaseCount(of: alice) == 1)
        book.answered(Lease.firstID(ofIncarnation: 0), by: alice)
        #expect(book.leaseCount(of: alice) == 0)
        #expect(book.accounting == counts(issued: 2, leased: 2, malformed: 1))
        #expect(book.lend(1, to: bob)[0].ticket == makeTicket(ordinal: 0))
        #expect(book.receive(answer(makeTicket(ordinal: 0))) == nil)
    }

    @Test("A malformed copy from anyone else takes nothing from the holder")
    func refuseCopyFromAnother() {
        var book = TicketState.leasedAgain.book()
        book.refuseCopy(answer(makeTicket(ordinal: 0)), from: alice)
        #expect(book.leaseCount(of: bob) == 1)
        #expect(book.lend(1, to: carol)[0].ticket.ordinal == 2)
    }

    @Test(
        "A malformed copy is only counted where nothing is out",
        arguments: [
            .neverIssued, .reclaimable, .received, .journaled, .consumed, .awaitingRetry, .retryReceived,
            .closed,
        ] as [TicketState])
    func refuseCopyInEveryState(state: TicketState) {
        var book = state.book()
        var expected = book.accounting
        expected.malformedCopies += 1
        let pending = book.pending
        book.refuseCopy(answer(makeTicket(ordinal: 0)), from: alice)
        #expect(book.accounting == expected && book.pending == pending)
    }

    @Test("Tickets out that name too old a version are dropped as stale and issued as new attempts")
    func revoke() {
        var book = LeaseBook()
        _ = book.lend(1, to: alice, version: 0)  // 0
        _ = book.lend(1, to: bob, version: 0)  // 1, freed
        book.lose(bob)
        _ = book.lend(1, to: carol, version: 0)  // takes 1 again
        _ = book.lend(1, to: alice, version: 1)  // 2
        let waiting = book.lend(1, to: alice, version: 0)[0].ticket  // 3
        _ = book.receive(answer(waiting))
        let drops = book.revoke(namingBefore: 1)
        #expect(drops.map(\.ordinal) == [0, 1] && drops.allSatisfy { $0.cause == .stale })
        // Whoever works on them goes on doing so.
        #expect(book.leaseCount(of: alice) == 3 && book.leaseCount(of: carol) == 1)
        #expect(
            book.accounting
                == counts(issued: 4, leased: 1, received: 1, dropped: [.stale: 2], reissued: 1))
        #expect(book.pending == [0: 1, 1: 1, 2: 0, 3: 0])
        let next = book.lend(3, to: bob, version: 2).map(\.ticket)
        #expect(next.map(\.ordinal) == [0, 1, 4] && next.map(\.key.attempt) == [1, 1, 0])
        #expect(book.receive(answer(makeTicket(ordinal: 0))) == .dropped(.stale))
    }

    @Test(
        "Revoking drops nothing that is not out",
        arguments: [
            .neverIssued, .received, .journaled, .consumed, .awaitingRetry, .retryReceived, .closed,
        ] as [TicketState])
    func revokeInEveryState(state: TicketState) {
        var book = state.book()
        book.lose(carol)
        let carols = state == .neverIssued || state == .closed ? 0 : 1
        _ = book.revoke(namingBefore: 9)
        #expect(book.accounting.dropped["stale", default: 0] == carols)
        #expect(book.accounting.isBalanced)
    }

    @Test(
        "Closing drops what is out and what only memory holds, and at the run's end also what waits",
        arguments: TicketState.allCases, [false, true])
    func close(state: TicketState, isComplete: Bool) {
        var book = state.book()
        let before = book.accounting
        let drops = book.close(cause: .drained, isComplete: isComplete)
        let after = book.accounting
        #expect(after.leased == 0 && after.received == 0 && book.inFlight == after.journaled)
        #expect(after.consumed == before.consumed && after.issued == before.issued)
        #expect(after.journaled == (isComplete ? 0 : before.journaled))
        let given = before.leased + before.received + (isComplete ? before.journaled : 0)
        #expect(drops.count == given && drops.allSatisfy { $0.cause == .drained })
        #expect(
            after.dropped["drained", default: 0] == before.dropped["drained", default: 0] + given)
        #expect(after.isBalanced)
        #expect(book.expire(now: .seconds(1000)) == 0)
    }

    @Test(
        "Pending is what no batch consumed, with the attempt that is to come",
        arguments: [
            (.neverIssued, [:]), (.leased, [0: 0, 1: 0]), (.leasedAgain, [0: 0, 1: 0]),
            (.reclaimable, [0: 0, 1: 0]), (.received, [0: 0, 1: 0]), (.journaled, [0: 0, 1: 0]), (.consumed, [1: 0]),
            (.awaitingRetry, [0: 1, 1: 0]), (.retryLeased, [0: 1, 1: 0]),
            (.retryReceived, [0: 1, 1: 0]),
        ] as [(TicketState, [UInt64: UInt32])])
    func pending(state: TicketState, pending: [UInt64: UInt32]) {
        #expect(state.book().pending == pending)
    }

    @Test("A restored book issues what was pending first, under the same keys, and knows what waits")
    func restore() throws {
        let group = { (ordinal: UInt64, attempt: UInt32) in
            JournalEntry.group(answer(makeTicket(ordinal: ordinal, attempt: attempt)), from: alice)
        }
        let late = DroppedTicket(ordinal: 1, key: makeTicket(ordinal: 1, attempt: 1).key, cause: .stale)
        let history = try RunHistory([
            .start(incarnation: 1), group(5, 0), group(0, 0), group(2, 0), .drop(late),
            .batch(step: 0, members: [0, 2]), group(3, 0),
        ])
        var book = LeaseBook(history: history, incarnation: 2, leaseDuration: .seconds(10))
        #expect(book.pending == [1: 2, 3: 0, 4: 0, 5: 0] && book.inFlight == 2)
        #expect(book.accounting == counts(issued: 5, journaled: 2, consumed: 2, dropped: [.stale: 1]))
        #expect(book.receive(answer(makeTicket(ordinal: 5))) == .duplicate)
        #expect(book.receive(answer(makeTicket(ordinal: 2))) == .duplicate)
        #expect(book.receive(answer(makeTicket(ordinal: 1, attempt: 1))) == .dropped(.stale))
        let leases = book.lend(3, to: alice)
        #expect(leases.map(\.ticket.ordinal) == [1, 4, 6])
        #expect(leases.map(\.ticket.key.attempt) == [2, 0, 0])
        #expect(leases.allSatisfy { Lease.incarnation(of: $0.id) == 2 })
    }
}
