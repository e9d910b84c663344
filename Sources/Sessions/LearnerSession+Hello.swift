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
        return fenceOlder(than: worker)
            + begin(hello, as: message, from: address, proof: proof, current, now: now)
    }

    private mutating func begin(
        _ hello: Hello, as message: WorkerMessage, from address: PeerAddress, proof: PeerProof,
        _ current: SnapshotReference, now: Duration
    ) -> [Action] {
        let worker = WorkerIdentity(name: hello.worker, incarnation: message.incarnation)
        let place = makePlace(for: worker, at: address, acknowledged: hello.acknowledged, now: now)
        places.close(records[place].address, of: place)
        places.open(address, for: place)
        if !records[place].isLive { liveCount += 1 }
        records[place].open(
            hello, in: message.version, at: address, proof: proof,
            slotsMax: terms.limits.heldLeases, now: now)
        records[place].nextHeartbeat = now + terms.heartbeatInterval
        let welcome = terms.welcome(
            to: hello, current: current, acknowledged: records[place].window.acknowledged)
        // What was granted and did not arrive, or was lost with the old connection.
        let leases = records[place].sendLeases(now: now) { $0.delivery == .unsent }
        awaitDeadline(of: place)
        let actions =
            [.send(.welcome(welcome), to: address)] + leases + report(hello.held, of: place)
        guard records[place].isLive else { return actions }
        return actions + offer(held: hello.heldLeases, free: hello.freeSlots, place)
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
        let known = places.place(of: worker.name).map { records[$0] }
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

    private mutating func fenceOlder(than worker: WorkerIdentity) -> [Action] {
        guard let place = places.place(of: worker.name), records[place].identity != worker,
            records[place].isLive
        else { return [] }
        let address = records[place].address
        return [reject(.fenced, "a later start of worker \(worker.name) took over", to: address)]
            + lose(place, cause: "a later start of it took over")
    }

    /// Compares the snapshot that a worker holds with what was published. Other weights under the
    /// same version would be sampled from without anyone noticing.
    mutating func report(_ held: SnapshotReference?, of place: Int) -> [Action] {
        guard let held, held != records[place].lastReported, let digest = digests[held.version]
        else { return [] }
        if digest == held.digest {
            records[place].reported.insert(held.version)
            records[place].lastReported = held
            return []
        }
        let reason = "the worker holds other weights as \(held.version) than the learner published"
        return [reject(.numerics, reason, to: records[place].address)] + lose(place, cause: reason)
    }

    /// Tells the learner of the worker's slots, if that is news. A lease from before the learner's restart, or
    /// from before the worker was lost, comes back as a group or not at all; until then it fills a slot.
    mutating func offer(held: Set<UInt64>, free: UInt32, _ place: Int) -> [Action] {
        guard phase == .open else { return [] }
        let held = held.count { $0 >= terms.firstLease && !records[place].former.contains($0) }
        guard let slots = records[place].update(held: held, free: free) else { return [] }
        return [.ready(records[place].identity, slots: slots)]
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
}
