import Testing
import cohort

private func kill(_ target: String, at time: Double) -> InjectedFault {
    InjectedFault(Fault(.kill, target, due: 0), time: time, ended: time)
}

private func history(
    steps: [(Double, Int)] = [], starts: [(Double, String, [String])] = [],
    deliveries: [String: [Double]] = [:], signs: [String: [Double]] = [:]
) -> WorkHistory {
    WorkHistory(
        steps: steps.map { .init(time: $0.0, step: $0.1) },
        starts: starts.map { .init(time: $0.0, worker: $0.1, tickets: $0.2) },
        deliveries: deliveries, signs: signs)
}

@Test("A killed worker has recovered when its next life hands over groups, whoever else works meanwhile")
func workerRecovery() {
    let outcomes = FaultOutcome.all(
        of: [kill("worker-0", at: 10)],
        in: history(
            steps: [(10.1, 4)], deliveries: ["worker-0": [1, 12.5, 20], "worker-1": [10.2]],
            signs: ["worker-0": [10.5]]))
    #expect(outcomes.map(\.recoverySeconds) == [2.5])
}

@Test("A killed learner has recovered when the run is further than before")
func learnerRecovery() {
    let outcomes = FaultOutcome.all(
        of: [kill("learner", at: 10)],
        in: history(steps: [(9, 4), (11.5, 4), (12, 5)], deliveries: ["worker-0": [10.5]]))
    #expect(outcomes.map(\.recoverySeconds) == [2])
}

@Test("A stopped process has recovered when it does anything after it may go on")
func stoppedRecovery() {
    let stops = [
        InjectedFault(Fault(.stop, "worker-0", due: 0), time: 10, ended: 12),
        InjectedFault(Fault(.stop, "learner", due: 0), time: 20, ended: 22),
    ]
    let outcomes = FaultOutcome.all(
        of: stops, in: history(steps: [(11, 1), (23, 2)], signs: ["worker-0": [9, 12.25]]))
    #expect(outcomes.map(\.recoverySeconds) == [0.25, 1])
}

@Test("What the end of the run hides is not recovered")
func endedRun() {
    let faults = [kill("worker-0", at: 10), kill("learner", at: 10)]
    let outcomes = FaultOutcome.all(
        of: faults, in: history(steps: [(9, 4)], deliveries: ["worker-0": [1]]))
    #expect(outcomes.map(\.recoverySeconds) == [nil, nil])
}

@Test("A step that is published again counts for the last fault of the learner, once each time")
func repeatedSteps() {
    let faults = [kill("learner", at: 10), kill("worker-0", at: 12), kill("learner", at: 20)]
    let steps = [(8.0, 1), (9, 2), (11, 1), (13, 2), (14, 3), (21, 3), (22, 4)]
    let outcomes = FaultOutcome.all(of: faults, in: history(steps: steps))
    #expect(outcomes.map(\.stepsAgain) == [2, 0, 1])
}

@Test("A ticket that is begun again counts for the fault that took its first answer away")
func repeatedTickets() {
    let faults = [kill("worker-0", at: 10), kill("worker-1", at: 11), kill("learner", at: 20)]
    let starts = [
        (9.0, "worker-0", ["0.0", "1.0"]), (9, "worker-1", ["2.0"]),
        // What worker-0 had begun goes on elsewhere, after worker-1 was struck too.
        (11.5, "worker-1", ["0.0", "1.0"]), (12, "worker-0", ["3.0"]),
        (21, "worker-0", ["3.0", "4.0"]),
        // A deliberate new attempt is other work.
        (22, "worker-0", ["4.1"]),
    ]
    let outcomes = FaultOutcome.all(of: faults, in: history(starts: starts))
    #expect(outcomes.map(\.groupsAgain) == [2, 0, 1])
}

@Test("Work done again before any fault counts for none")
func noFault() {
    let starts = [(1.0, "worker-0", ["0.0"]), (2, "worker-1", ["0.0"])]
    let outcomes = FaultOutcome.all(
        of: [kill("worker-0", at: 10)], in: history(steps: [(1, 1), (2, 1)], starts: starts))
    #expect(outcomes.map(\.groupsAgain) == [0])
    #expect(outcomes.map(\.stepsAgain) == [0])
}
