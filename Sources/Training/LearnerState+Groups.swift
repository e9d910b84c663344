internal import GRPO
internal import Ports

/// From a group that came in to one that waits for its batch, or to why it does not.
extension LearnerState {
    mutating func admit(
        _ group: Group, lease: Lease.ID, from worker: WorkerID
    ) -> [LearnerAction] {
        guard group.version.incarnation == version.incarnation else {
            return [.answer(book.refuseUnknown(), lease: lease, to: worker)]
        }
        if let ticket = book.ticket(of: group),
            let defect = validation.defect(of: group, answering: ticket)
        {
            return bar(worker, group: group, lease: lease, defect: defect)
        }
        let verdict = book.receive(group)
        guard case .accepted = verdict else { return [.answer(verdict, lease: lease, to: worker)] }
        guard scoresHere else { return take(group, lease: lease, from: worker) }
        return [.score(group, columns: tickets.columns(of: group.key), lease: lease, from: worker)]
    }

    /// A worker that answers wrongly gets no more work, and what it holds is free at once: its next
    /// answer would be as wrong. The bar lasts until the worker is started anew.
    private mutating func bar(
        _ worker: WorkerID, group: Group, lease: Lease.ID, defect: String
    ) -> [LearnerAction] {
        book.refuseCopy(group, from: worker)
        book.lose(worker)
        barred.insert(worker)
        if slots[worker] != nil { slots[worker] = 0 }
        return [
            .answer(.dropped(.malformed), lease: lease, to: worker),
            .note(
                "worker \(worker) gets no more work: its group (\(group.key)) is malformed: \(defect)"
            ),
        ]
    }

    /// The group was received and has whatever rewards it will ever have.
    mutating func take(
        _ group: Group, lease: Lease.ID, from worker: WorkerID
    ) -> [LearnerAction] {
        if let failure = group.scoringFailure {
            return refuse(
                group, .rewardFailed, "\(group.key) could not be scored: \(failure)",
                abortedBy: abortsOnRewardFailure ? "on_program_failure" : nil, lease: lease,
                from: worker)
        }
        if let defect = rewards.defect(of: group) {
            return refuse(
                group, .badReward, defect, abortedBy: abortsOnBadReward ? "on_bad_reward" : nil,
                lease: lease, from: worker)
        }
        if isToBeReplaced(group) {
            book.discard(group, cause: .constantRewards)
            return [.answer(.dropped(.constantRewards), lease: lease, to: worker)]
        }
        buffer.add(group)
        return [.answer(.accepted(durable: false), lease: lease, to: worker)]
    }

    /// `dynamic_sampling`: whether another prompt takes the place of a group that teaches nothing. The last
    /// one that the budget allows is kept, so that every batch becomes complete.
    private func isToBeReplaced(_ group: Group) -> Bool {
        group.key.attempt < UInt32(replacementsMax)
            && isConstant(group.completions.compactMap(\.reward))
    }

    /// The group has no rewards that could be trained on. `key`: the key whose `abort` ends the run here.
    private mutating func refuse(
        _ group: Group, _ cause: DropCause, _ what: String, abortedBy key: String?,
        lease: Lease.ID, from worker: WorkerID
    ) -> [LearnerAction] {
        book.discard(group, cause: cause)
        var actions: [LearnerAction] = [
            .answer(.dropped(cause), lease: lease, to: worker), .note(what),
        ]
        if let key {
            actions.append(.abort(reason: "\(what), and \(key) is abort"))
        } else if badRewards[group.ordinal, default: 0] + 1 >= Self.attemptsMax {
            actions.append(
                .abort(reason: "\(what); the prompt was tried \(Self.attemptsMax) times"))
        }
        badRewards[group.ordinal, default: 0] += 1
        return actions
    }
}
