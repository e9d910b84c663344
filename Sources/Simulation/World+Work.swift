internal import GRPO
internal import Sessions
internal import Wire

// What `RolloutWorker` does: leases, weights, completions, groups.

extension World {
    /// Whether there is something to begin, or the end has come.
    mutating func look(_ index: Int) {
        let process = workers[index]
        guard process.isRunning else { return }
        switch process.session.phase {
        case .ended: return endWorker(index, isClean: true)
        case .failed: return endWorker(index, isClean: false)
        case .draining:
            perform(process.session.leave(.finished, reason: "drained"), index)
            return endWorker(index, isClean: true)
        case .connecting, .live: break
        }
        guard process.job == nil else { return }
        let leases = process.session.takeLeases(upTo: setup.batchGroups)
        guard !leases.isEmpty else { return }
        process.job = WorkerProcess.Job(rest: LeasedTicket.byVersion(leases))
        proceed(index)
    }

    /// With the leases of the next version: its weights first, then its completions.
    mutating func proceed(_ index: Int) {
        let process = workers[index]
        guard let members = process.job?.rest.first else {
            process.job = nil
            return look(index)
        }
        let version = members[0].ticket.version
        guard process.adopted?.version == version else { return fetch(version, index) }
        process.job!.isSampling = true
        process.job!.started = now
        process.jobs += 1
        if index > 0, isFaultTime, faultChance.happens(setup.faults.stallShare) {
            trace.note(now, "w\(index) never ends to sample \(members[0].ticket.key)")
            return
        }
        var time = Duration.zero
        for _ in members { time += workChance.delay(setup.groupTime) }
        events.schedule(
            .sampled(worker: index, life: process.life, job: process.jobs), at: now + time)
    }

    mutating func sampled(_ index: Int) {
        let process = workers[index]
        guard process.job?.isSampling == true, let digest = process.adopted?.digest else { return }
        endSampling(index)
        for lease in process.job!.rest.removeFirst() {
            var group = sampler.sample(lease.ticket, from: digest)
            if !setup.scoresHere { group = sampler.score(group) }
            if isFaultTime, faultChance.happens(setup.faults.malformedShare) {
                group.completions.removeLast()
            }
            push(group, lease.lease, index)
            guard process.isRunning else { return }
        }
        proceed(index)
        tickWorker(index)
    }

    private mutating func push(_ group: Group, _ lease: UInt64, _ index: Int) {
        let process = workers[index]
        let numbering = process.withSession { $0.nextNumbering }
        let message = WorkerMessage(
            incarnation: process.session.identity.incarnation,
            .group(GroupDelivery(sequence: numbering.sequence, lease: lease, group: group)))
        let frame = process.store.token(for: setup.encodesGroups ? encoded(message) : .worker(message))
        let push = process.session.push(frame, lease: lease, numbering: numbering, now: now)
        if case .sent(let actions) = push {
            checker.pushed(group, lease: lease)
            perform(actions, index)
        }
    }

    private mutating func endSampling(_ index: Int) {
        guard let job = workers[index].job, job.isSampling else { return }
        measurements.samplingTime += now - job.started
        workers[index].job!.isSampling = false
    }

    mutating func endJob(_ index: Int) {
        endSampling(index)
        workers[index].job = nil
        workers[index].jobs += 1
        workers[index].fetch = nil
        workers[index].fetches += 1
    }
}
