internal import GRPO
internal import Wire

// Who may have a session.

extension LearnerSession {
    mutating func open(
        _ hello: Hello, as message: WorkerMessage, from address: PeerAddress, proof: PeerProof,
        now: Duration
    ) -> [Action] {
        let worker = WorkerIdentity(name: hello.worker, incarnation: message.incarnation)
        if let (code, reason) = refusal(of: hello, worker) {
            return [reject(code, reason, type: .hello, to: address)]
        }
        if phase != .open {
            turnedAway.insert(address)
            return [reject(.stopping, "the learner is about to stop", type: .hello, to: address)]
        }
        guard let current else {
            // Bounded like the sessions that they will become.
            if early.count < terms.workersMax || early[address] != nil {
                early[address] = EarlyHello(message: message, proof: proof)
            }
            return []
        }
        var actions = fenceOlder(than: worker)
        var record =
            records[worker.name]
            ?? WorkerRecord(worker, at: address, acknowledged: hello.acknowledged, now: now)
        if names[record.address] == worker.name { names[record.address] = nil }
        record.open(
            hello, in: message.version, at: address, proof: proof,
            slotsMax: terms.limits.heldLeases, now: now)
        record.nextHeartbeat = now + terms.heartbeatInterval
        names[address] = worker.name
        let welcome = terms.welcome(
            to: hello, current: current, acknowledged: record.window.acknowledged)
        actions.append(.send(.welcome(welcome), to: address))
        // What was granted and did not arrive, or was lost with the old connection.
        actions += sendLeases(&record, now: now) { $0.delivery == .unsent }
        forgetOldest()
        records[worker.name] = record
        awaitDeadline(of: worker.name)
        actions += report(hello.held, of: worker.name)
        guard records[worker.name]?.isLive == true else { return actions }
        return actions + offer(held: hello.heldLeases, free: hello.freeSlots, worker.name)
    }

    private func refusal(of hello: Hello, _ worker: WorkerIdentity) -> (RejectCode, String)? {
        if let run = hello.runID, run != terms.runID {
            return (.wrongRun, "this learner runs \(terms.runID), the worker belongs to \(run)")
        }
        if terms.isExact, hello.numerics != terms.numerics {
            return (
                .numerics,
                "the worker computes with \(hello.numerics), the learner with \(terms.numerics); an exact run needs the same on both"
                    .shortened()
            )
        }
        let known = records[worker.name]
        if let known, known.identity.incarnation > worker.incarnation {
            return (
                .fenced,
                "a later start of worker \(worker.name) is known; its clock may have been set back: rename it or wait"
            )
        }
        if let known, known.identity == worker, known.window.acknowledged < hello.acknowledged {
            return (
                .sequence,
                "the worker has seen verdicts up to \(hello.acknowledged), the learner gave them up to \(known.window.acknowledged)"
            )
        }
        if let known, known.identity == worker, known.isBarred {
            return (.barred, barredReason)
        }
        if let shortage = (hello.limits ?? SessionLimits()).shortage(for: terms.limits) {
            return (.tooLarge, "this run may have \(shortage) by the worker")
        }
        if known?.isLive != true, liveCount >= terms.workersMax {
            return (.full, "the learner takes at most \(terms.workersMax) workers")
        }
        return nil
    }

    /// What a worker is told that does not know it yet.
    var barredReason: String {
        "a group of this worker was invalid, so it gets no more work until it is started anew"
    }

    /// Names are cheap to make up, so the memory of workers that are gone is bounded.
    private mutating func forgetOldest() {
        guard records.count > 4 * terms.workersMax else { return }
        let gone = records.values.filter { !$0.isLive }
        guard let oldest = gone.min(by: { $0.lastHeard < $1.lastHeard }) else { return }
        records[oldest.identity.name] = nil
    }

    private mutating func fenceOlder(than worker: WorkerIdentity) -> [Action] {
        guard let older = records[worker.name], older.identity != worker else { return [] }
        records[worker.name] = nil
        names[older.address] = nil
        guard older.isLive else { return [] }
        return [
            reject(.fenced, "a later start of worker \(worker.name) took over", to: older.address),
            .lost(older.identity, cause: "a later start of it took over"),
        ]
    }

    /// Compares the snapshot that a worker holds with what was published. Other weights under the
    /// same version would be sampled from without anyone noticing.
    mutating func report(_ held: SnapshotReference?, of name: String) -> [Action] {
        guard let held, let digest = digests[held.version] else { return [] }
        if digest == held.digest {
            records[name]?.reported.insert(held.version)
            return []
        }
        let address = records[name]!.address
        let reason = "the worker holds other weights as \(held.version) than the learner published"
        return [reject(.numerics, reason, to: address)] + lose(name, cause: reason)
    }

    /// Tells the learner of the worker's slots, if that is news. A lease from before the learner's restart, or
    /// from before the worker was lost, comes back as a group or not at all; until then it fills a slot.
    mutating func offer(held: Set<UInt64>, free: UInt32, _ name: String) -> [Action] {
        guard phase == .open, let record = records[name] else { return [] }
        let worker = record.identity
        let held = held.count { $0 >= terms.firstLease && !record.former.contains($0) }
        guard let slots = records[name]?.update(held: held, free: free) else { return [] }
        return [.ready(worker, slots: slots)]
    }

    mutating func reject(
        _ code: RejectCode, _ reason: String, type: MessageType? = nil, sequence: UInt64 = 0,
        to address: PeerAddress
    ) -> Action {
        counters.rejected[code, default: 0] += 1
        let rejection = Rejection(
            code, reason: reason.shortened(), refusedType: type?.rawValue ?? 0, sequence: sequence)
        return .send(.reject(rejection), to: address)
    }

    mutating func lose(_ name: String, cause: String) -> [Action] {
        guard let record = records[name], record.isLive else { return [] }
        records[name]?.close()
        names[record.address] = nil
        return [.lost(record.identity, cause: cause)]
    }
}
