import Foundation
import Ports
import Testing
import cohort

private func run(_ seconds: Double, _ weights: String) -> ChaosReport.Run {
    ChaosReport.Run(
        directory: "runs/x", seconds: seconds, steps: 4, groups: GroupAccounting(),
        weightsSHA256: weights, effectiveShare: 0.5)
}

private func outcome(_ kind: Fault.Kind, _ target: String, _ seconds: Double?) -> FaultOutcome {
    var outcome = FaultOutcome(
        InjectedFault(Fault(kind, target, due: 0), time: 0, ended: 0), recoverySeconds: seconds)
    outcome.groupsAgain = 3
    return outcome
}

private func report(
    _ outcomes: [FaultOutcome] = [], planned: Int? = nil, calm: ChaosReport.Run? = run(9, "a"),
    weights: String = "a", isReproducible: Bool = true
) -> ChaosReport {
    ChaosReport(
        seed: 1, faultsPlanned: planned ?? outcomes.count, outcomes: outcomes,
        chaos: run(10, weights), calm: calm, isReproducible: isReproducible)
}

@Test("Faults are summed up by kind and target, with percentiles of what recovered")
func rows() throws {
    let workers = (1...100).map { outcome(.kill, "worker-\($0 % 2)", Double($0)) }
    let all = report(workers + [outcome(.kill, "learner", 2), outcome(.kill, "learner", nil)])
    #expect(all.rows.map(\.target) == ["worker", "learner"])
    let row = try #require(all.rows.first)
    #expect([row.recoveryP50, row.recoveryP90, row.recoveryP99, row.recoveryMax] == [50, 90, 99, 100])
    #expect(row.groupsAgain == 300)
    #expect(all.rows[1].count == 2)
    #expect(all.rows[1].recovered == 1)
    #expect(all.rows[1].recoveryP50 == 2)
}

@Test("The ratio compares with the undisturbed run, where there was one")
func ratio() {
    #expect(report().effectiveTrainingTimeRatio == 0.9)
    #expect(report(calm: nil).effectiveTrainingTimeRatio == nil)
    #expect(report(calm: nil).isSameBits == nil)
}

@Test("Other bits are a problem where they must be the same, and only there")
func bits() {
    #expect(report().problems == [])
    #expect(report(weights: "b").problems == ["the weights are not those of the run without faults"])
    #expect(report(weights: "b", isReproducible: false).problems == [])
    #expect(report(weights: "b", isReproducible: false).isSameBits == false)
}

@Test("A run that is over before all faults took place says so")
func missingFaults() throws {
    let problems = report([outcome(.stop, "worker-0", 1)], planned: 3).problems
    let problem = try #require(problems.first)
    #expect(problem.hasPrefix("the run was over after 1 of 3 faults"))
}

@Test("The table names each fault, and what was not seen is a dash")
func text() {
    let text = report([outcome(.kill, "learner", nil), outcome(.stop, "worker-1", 0.5)]).text
    #expect(text.contains("kill -9 of the learner"))
    #expect(text.contains("a worker stopped for a while"))
    #expect(text.contains(" - "))
    #expect(text.contains("bits: the same as without faults"))
    #expect(text.contains("90.0 %"))
}

@Test("Balanced books of a whole run have no problem, and each defect has its sentence")
func books() {
    let books = RunBooks(steps: 3, groupsPerStep: 4)
    var groups = GroupAccounting()
    (groups.issued, groups.consumed) = (12, 12)
    #expect(books.problems(of: groups, steps: 3) == [])
    #expect(books.problems(of: groups, steps: 2).count == 2)
    groups.issued = 13
    #expect(books.problems(of: groups, steps: 3).count == 1)
    groups.leased = 1
    #expect(books.problems(of: groups, steps: 3) == ["1 groups are neither consumed nor dropped"])
}

@Test("Metrics must hold each step once with a batch of groups each")
func metrics() {
    let books = RunBooks(steps: 2, groupsPerStep: 4)
    let rows = { (consumed: [(Int, Int)]) in
        consumed.map { "{\"step\":\($0.0),\"groups/consumed\":\($0.1)}" }.joined(separator: "\n")
    }
    #expect(books.problems(ofMetrics: rows([(1, 4), (2, 8)])) == [])
    for wrong in [[(1, 4)], [(1, 4), (1, 4)], [(2, 8), (1, 4)], [(1, 4), (2, 8), (3, 12)], []] {
        #expect(books.problems(ofMetrics: rows(wrong)).count == 1)
    }
    #expect(books.problems(ofMetrics: rows([(1, 4), (2, 9)])).count == 1)
}
