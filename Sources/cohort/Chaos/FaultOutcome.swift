/// What a fault did to the run.
package struct FaultOutcome: Hashable, Sendable, Codable {
    package var fault: Fault
    /// Seconds since 1970.
    package var time: Double
    /// Seconds until work went on; `nil`: the run ended before that was seen.
    ///
    /// Of a killed worker, until its next life handed over its first groups; of a killed learner, until
    /// the run was a step further than before. Of a stopped process, from its SIGCONT until it worked
    /// again: a worker took or handed over tickets, the learner published a step.
    package var recoverySeconds: Double?
    /// Tickets that a worker began with and that somebody had begun with before.
    package var groupsAgain = 0
    /// Steps that were computed although they had been published before.
    package var stepsAgain = 0

    package init(_ injected: InjectedFault, recoverySeconds: Double?) {
        fault = injected.fault
        time = injected.time
        self.recoverySeconds = recoverySeconds
    }
}

extension FaultOutcome {
    /// What the run's history says of each fault.
    package static func all(of injected: [InjectedFault], in history: WorkHistory) -> [FaultOutcome] {
        let injected = injected.sorted { $0.time < $1.time }
        var outcomes = injected.map { FaultOutcome($0, recoverySeconds: history.recovery(from: $0)) }
        for (cause, count) in history.ticketsAgain(because: injected) {
            outcomes[cause].groupsAgain = count
        }
        for cause in history.stepsAgain(because: injected) { outcomes[cause].stepsAgain += 1 }
        return outcomes
    }
}

extension WorkHistory {
    /// How many tickets were begun again, by the place of the fault that they count for: the last kill of
    /// the learner since they were begun before, else the last fault of the worker that had begun them,
    /// else the last fault.
    fileprivate func ticketsAgain(because faults: [InjectedFault]) -> [Int: Int] {
        var (begun, counts): ([String: Start], [Int: Int]) = ([:], [:])
        for start in starts {
            for ticket in start.tickets {
                defer { begun[ticket] = start }
                guard let earlier = begun[ticket] else { continue }
                func last(_ isCause: (Fault) -> Bool) -> Int? {
                    faults.lastIndex {
                        $0.time <= start.time && $0.ended >= earlier.time && isCause($0.fault)
                    }
                }
                let cause =
                    last { $0.hitsLearner && $0.kind == .kill }
                    ?? last { $0.target == earlier.worker } ?? last { _ in true }
                if let cause { counts[cause, default: 0] += 1 }
            }
        }
        return counts
    }

    /// For each step that had been published before, the place of the last fault of the learner.
    fileprivate func stepsAgain(because faults: [InjectedFault]) -> [Int] {
        var last = 0
        return steps.compactMap { step in
            defer { last = max(last, step.step) }
            guard step.step <= last else { return nil }
            return faults.lastIndex { $0.fault.hitsLearner && $0.time <= step.time }
        }
    }

    /// Seconds from the end of the fault to the first sign that its target works again.
    fileprivate func recovery(from fault: InjectedFault) -> Double? {
        let last = lastStep(before: fault.time)
        let signs =
            switch (fault.fault.hitsLearner, fault.fault.kind) {
            case (true, _): steps.filter { $0.step > last }.map(\.time)
            case (false, .kill): deliveries[fault.fault.target] ?? []
            case (false, .stop): signs[fault.fault.target] ?? []
            }
        return signs.first { $0 > fault.ended }.map { $0 - fault.ended }
    }

    private func lastStep(before time: Double) -> Int {
        steps.prefix { $0.time <= time }.map(\.step).max() ?? 0
    }
}
