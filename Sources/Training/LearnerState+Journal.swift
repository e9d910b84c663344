internal import GRPO
internal import Ports

// What is said to the journal, and what follows once it is durable.

extension LearnerState {
    /// What was said to the journal while it was busy goes there as soon as it is not.
    mutating func settled(_ actions: [LearnerAction]) -> [LearnerAction] {
        guard let entries = journal.next() else { return actions }
        return actions + [.journal(entries)]
    }

    mutating func follow(_ consequence: JournalQueue.Consequence) -> [LearnerAction] {
        switch consequence {
        case .nothing: return []
        case .answer(let verdict, let lease, let worker):
            return [.answer(verdict, lease: lease, to: worker)]
        case .admit(let group, let lease, let worker):
            book.settle(group)
            buffer.add(group)
            return [.answer(.accepted(durable: true), lease: lease, to: worker)]
        case .allowPublishing(let batch):
            guard case .running(let isTrained, _) = training, batch == step else {
                preconditionFailure("\(training) of step \(step), and batch \(batch) became durable")
            }
            training = .running(isTrained: isTrained, isDurable: true)
            return []
        }
    }

    mutating func publish(_ published: PublishedVersion) {
        precondition(
            published.version.number == version.number + 1, "versions are published one by one")
        version = published.version
        training = .idle
        journal.add(.version(published))
        for ticket in book.revoke(namingBefore: plan.oldestNeeded(current: version.number)) {
            journal.add(.drop(ticket))
        }
    }
}
