import GRPO
package import Ports

/// The learner's end of an exchange whose groups become durable before they get their verdicts.
///
/// One commit is under way at a time, and all groups that came meanwhile go into the next, as a learner
/// has it. Receiving, committing and answering go on beside each other.
package struct JournaledIngest: Sendable {
    private struct Received: Sendable {
        let group: Group
        let lease: Lease.ID
        let worker: WorkerID
    }

    private enum News: Sendable {
        case ready(WorkerID, slots: Int)
        case durable([Received])
    }

    private let journal: any Journal
    /// Removes from the journal what was trained on before that batch.
    private let prune: @Sendable (_ step: Int) async throws -> Void
    private let endpoint: String
    private let received = Mailbox<Received>(capacity: 4_096)
    private let news = Mailbox<News>(capacity: 4_096)

    package init(
        journal: any Journal, endpoint: String,
        prune: @escaping @Sendable (_ step: Int) async throws -> Void
    ) {
        self.journal = journal
        self.endpoint = endpoint
        self.prune = prune
    }

    /// Until `goal` is reached; returns it with what it found out. Throws what breaks the journal or the
    /// link, and `CommandFailure` where either end left early.
    package func run<Goal: IngestGoal>(
        _ source: some GroupSource, books: TrainingBooks = TrainingBooks(), until goal: Goal
    ) async throws -> Goal {
        try await withThrowingTaskGroup(of: Goal?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await receive(source) }
            group.addTask { try await answer(source) }
            group.addTask { try await commit(books, goal) }
            while let ended = try await group.next() { if let ended { return ended } }
            throw CommandFailure("the learner's end of \(endpoint) closed early", .peerUnavailable)
        }
    }

    private func receive<Goal>(_ source: some GroupSource) async throws -> Goal? {
        defer { received.close() }
        while true {
            let events = try await source.next(upTo: 256)
            if events.isEmpty { return nil }
            for event in events {
                switch event {
                case .ready(let worker, let slots): await news.send(.ready(worker, slots: slots))
                case .group(let group, let lease, let worker):
                    await received.send(Received(group: group, lease: lease, worker: worker))
                case .released: break
                case .lost(_, let cause):
                    throw CommandFailure("the worker on \(endpoint) was lost: \(cause)", .peerUnavailable)
                }
            }
        }
    }

    private func commit<Goal: IngestGoal>(
        _ books: TrainingBooks, _ goal: Goal
    ) async throws -> Goal? {
        defer { news.close() }
        var (books, goal) = (books, goal)
        try await journal.commit(TrainingBooks.opening)
        while let first = await received.next() {
            let groups = [first] + received.drain(upTo: .max)
            let covered = books.coveredStep
            let entries = groups.map { JournalEntry.group($0.group, from: $0.worker) } + books.due()
            let start = ContinuousClock.now
            let position = try await journal.commit(entries)
            let end = ContinuousClock.now
            await news.send(.durable(groups))
            books.committed(groups.map(\.group.ordinal), at: position)
            if let step = books.coveredStep, step != covered { try await prune(step) }
            let commit = IngestCommit(groups: groups.count, seconds: (end - start) / .seconds(1))
            if try goal.isReached(by: commit, at: end) { return goal }
        }
        return nil
    }

    /// Leases as many groups as the worker has room for; with each verdict goes the next lease.
    private func answer<Goal>(_ source: some GroupSource) async throws -> Goal? {
        var book = LeasesHeld()
        while let first = await news.next() {
            var replies: [Reply] = []
            for piece in [first] + news.drain(upTo: .max) {
                switch piece {
                case .ready(let worker, let slots):
                    replies.append(.leases(book.issue(slots - book.count), to: worker))
                case .durable(let groups):
                    for group in groups {
                        replies.append(
                            .verdict(.accepted(durable: true), for: group.lease, to: group.worker))
                    }
                    book.count -= groups.count
                    if let worker = groups.last?.worker {
                        replies.append(.leases(book.issue(groups.count), to: worker))
                    }
                }
            }
            await source.reply(replies)
        }
        return nil
    }
}
