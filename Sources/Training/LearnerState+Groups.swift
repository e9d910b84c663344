internal import GRPO
internal import Ports

/// From a group that came in to one that waits for its batch, or to why it does not.
extension LearnerState {
    mutating func admit(
        _ group: Group, lease: Lease.ID, from worker: WorkerID
    ) -> [LearnerAction] {
        var group = group
        if group.version.incarnation != version.incarnation {
            guard recognise(&group) else {
                return [.answer(book.refuseUnknown(), lease: lease, to: worker)]
            }
        } else if let ticket = book.ticket(of: group),
            let defect = validation.defect(of: group, answering: ticket)
        {
            return bar(worker, group: group, lease: lease, defect: defect)
        }
        if let verdict = book.receive(group) {
            return [.answer(verdict, lease: lease, to: worker)]
        }
        guard scoresHere else { return take(group, lease: lease, from: worker) }
        return [.score(group, columns: tickets.columns(of: group.key), lease: lease, from: worker)]
    }

    /// A group that an earlier learner of the run had asked for is as good as any, as long as the weights that
    /// it names are still weights that this learner trains on. Gives the version this learner's name; false
    /// if the group is of no use.
    private mutating func recognise(_ group: inout Group) -> Bool {
        let number = group.version.number
        guard earlierVersions.contains(group.version),
            (plan.oldestNeeded(current: version.number)...version.number).contains(number)
        else { return false }
        group.version.incarnation = version.incarnation
        book.claim(group, inFlightMax: inFlightMax) { [named = group.version] ordinal, attempt in
            tickets.ticket(ordinal: ordinal, attempt: attempt, current: named)
        }
        guard var ticket = book.ticket(of: group) else { return true }
        // A ticket that was issued again names the newest version where any will do.
        if plan.schedule == .bounded { ticket.version = group.version }
        return validation.defect(of: group, answering: ticket) == nil
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
        updateRoom(of: worker)
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
            give(up: group, .constantRewards, lease: lease, from: worker)
            return []
        }
        journal.add(.group(group, from: worker), then: .admit(group, lease: lease, from: worker))
        return []
    }

    /// The worker hears of the drop once it is durable.
    private mutating func give(
        up group: Group, _ cause: DropCause, _ detail: String = "", lease: Lease.ID,
        from worker: WorkerID
    ) {
        journal.add(
            .drop(book.discard(group, cause: cause, detail: detail)),
            then: .answer(.dropped(cause), lease: lease, to: worker))
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
        give(up: group, cause, what, lease: lease, from: worker)
        var actions: [LearnerAction] = [.note(what)]
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
