import Testing
import cohort

@Test("A seed decides the faults, and another seed decides otherwise")
func seededFaults() {
    let plan = ChaosPlan(kills: 20, stops: 10, target: .both, every: 2, seed: 7)
    #expect(plan.faults(workers: 3, steps: 10) == plan.faults(workers: 3, steps: 10))
    var other = plan
    other.seed = 8
    #expect(plan.faults(workers: 3, steps: 10) != other.faults(workers: 3, steps: 10))
}

@Test("Every third fault of each kind hits the learner, the others hit workers that exist")
func targets() {
    let faults = ChaosPlan(kills: 300, stops: 9, target: .both, every: 1, seed: 1)
        .faults(workers: 2, steps: 10)
    #expect(faults.count { $0.kind == .kill && $0.hitsLearner } == 100)
    #expect(faults.count { $0.kind == .stop && $0.hitsLearner } == 3)
    #expect(Set(faults.map(\.target)) == ["learner", "worker-0", "worker-1"])
}

@Test("Faults may be kept away from learner or workers")
func oneTarget() {
    let plan = { ChaosPlan(kills: 12, stops: 3, target: $0, every: 1, seed: 1).faults(workers: 2, steps: 10) }
    #expect(plan(.workers).allSatisfy { !$0.hitsLearner })
    #expect(plan(.learner).allSatisfy { $0.hitsLearner })
}

@Test("Faults come one after the other, on average as often as was asked for")
func times() throws {
    let faults = ChaosPlan(kills: 4_000, stops: 0, target: .workers, every: 3, seed: 5)
        .faults(workers: 1, steps: 10)
    let gaps = zip(faults.dropFirst(), faults).map { $0.due - $1.due }
    #expect(gaps.allSatisfy { 0..<6 ~= $0 })
    // The mean of 4,000 numbers uniform in 0 to 6 strays by 0.027; five times that is never seen.
    let last = try #require(faults.last)
    #expect(abs(last.due / 4_000 - 3) < 0.14)
}

@Test("Without a time between them, faults are spread over the steps and all come before the last ones")
func steps() throws {
    let faults = ChaosPlan(kills: 50, stops: 0, target: .both, every: nil, seed: 3)
        .faults(workers: 2, steps: 100)
    let steps = try faults.map { try #require($0.afterStep) }
    #expect(steps == steps.sorted())
    #expect(steps.allSatisfy { 0..<90 ~= $0 })
    #expect(Set(steps).count > 25)
    #expect(faults.allSatisfy { 0..<0.1 ~= $0.due })
}
