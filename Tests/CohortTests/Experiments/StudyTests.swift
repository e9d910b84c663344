import Foundation
import Testing
import cohort

/// Enough seeds for a spread, few enough to be fast.
private let context = StudyContext(seeds: 3, pool: WorkPool(threads: 2))

private func holds(_ section: Section) -> [Bool] { section.verdicts.map(\.holds) }

/// Studies with less data than a page takes.
@Suite("Studies on a few seeds") struct StudyTests {
    @Test("Raw reward is noisier and learns less; the counter-example has the variances of theory")
    func offset() throws {
        var study = OffsetStudy()
        (study.draws, study.steps) = (300, 100)
        let outcome = try study.run(context)
        #expect(holds(outcome.section) == [true, true, true])
        // r·(1[a] − p): second moment 0.18, squared mean 0.0648, over 4 samples; leave-one-out by counting.
        #expect(abs(outcome.counterExample.raw - 0.0288) < 1e-6)
        #expect(abs(outcome.counterExample.leaveOneOut - 0.126) < 5e-4)
    }

    @Test("Leave-one-out is unbiased, the group mean shrinks by (G − 1)/G")
    func bias() throws {
        var study = BiasStudy()
        (study.draws, study.groupSizes) = (2000, [2, 8])
        let outcome = try study.run(context)
        #expect(holds(outcome.section) == [true, true, true])
        #expect(abs(outcome.points[1][0].scale - 0.5) < 4 * outcome.points[1][0].error)
    }

    @Test("The line rises and the same answer falls below it")
    func line() throws {
        #expect(holds(try LineStudy().run(context).section) == [true, true])
    }

    @Test("The clip prevents the collapse under gradient descent")
    func clip() throws {
        let outcome = try ClipStudy().run(context)
        #expect(holds(outcome.section).prefix(2) == [true, true])
        #expect(outcome.descent[0].last.mean > outcome.descent[1].last.mean + 0.1)
    }

    @Test("Raw probabilities end below ratios")
    func probability() throws {
        var study = ProbabilityStudy()
        (study.learningRates, study.shownRate) = ([0.05, 0.1], 1)
        #expect(holds(try study.run(context).section) == [true])
    }

    @Test("Without KL the exploit is found, and KL holds it the more the larger β is")
    func exploit() throws {
        var study = ExploitStudy()
        (study.betas, study.rareSteps) = ([0, 0.1, 1], 20)
        #expect(holds(try study.run(context).section).prefix(3) == [true, true, true])
    }

    @Test("The baseline's variance falls as 1/G")
    func groupSize() throws {
        var study = GroupSizeStudy()
        (study.groups, study.groupSizes) = (1500, [2, 8, 32])
        #expect(holds(try study.run(context).section) == [true])
    }

    @Test("An actor–critic of equal size needs 36 bytes where GRPO needs 20 or 16")
    func memory() throws {
        let outcome = try MemoryStudy().run(context)
        #expect(holds(outcome.section) == [true, true])
        for budget in outcome.budgets {
            #expect(budget.withReference == 20 * Double(budget.parameters))
            #expect(budget.withoutReference == 16 * Double(budget.parameters))
            #expect(budget.actorCritic <= 36.01 * Double(budget.parameters))
        }
        // As published for Qwen2.5: 0.49 and 7.62 billion.
        #expect(outcome.budgets.map { $0.parameters / 10_000_000 }.dropFirst() == [49, 761])
    }

    @Test("At an ordinary learning rate the decoupled objective makes more of stale data")
    func stale() throws {
        var study = StaleStudy()
        (study.staleness, study.learningRates) = ([0, 16], [0.1])
        #expect(holds(try study.run(context).section) == [true])
    }

    @Test("Every profile and the value baseline learn the task, each at the better of its rates")
    func profiles() throws {
        var study = ProfilesStudy()
        (study.learningRates, study.steps) = ([0.001, 0.1], 60)
        let outcome = try study.run(context)
        #expect(holds(outcome.section) == [true])
        #expect(
            outcome.arms.map(\.name)
                == ["cohort", "dapo", "gspo", "dr-grpo", "original", "value baseline"])
        #expect(outcome.choices == [1, 1, 1, 1, 1, 1])
        // The arms differ in more than their names.
        #expect(Set(outcome.chosen.map(\.runs)).count == outcome.arms.count)
        let rows = outcome.section.figures[2].table.rows
        #expect(rows.map { $0[1] } == Array(repeating: "0.1", count: 6))
        #expect(rows.allSatisfy { !$0[3].contains("never") })
    }

    @Test("A profile that does not get there is said not to")
    func slowProfiles() throws {
        var study = ProfilesStudy()
        (study.learningRates, study.steps) = ([0.001], 4)
        let section = try study.run(context).section
        #expect(holds(section) == [false])
        #expect(section.figures[2].table.rows.map { $0[3] } == Array(repeating: "never", count: 6))
    }

    @Test("The same seeds give the same page, whatever the number of threads")
    func deterministic() throws {
        func page(threads: Int) throws -> String {
            let context = StudyContext(seeds: 2, pool: WorkPool(threads: threads))
            var study = GroupSizeStudy()
            (study.groups, study.groupSizes) = (50, [2, 4])
            let sections = [
                try study.run(context).section, try LineStudy().run(context).section,
            ]
            return ExperimentsPage(sections: sections, seeds: 2, claims: ClaimCatalogue.rows).html
        }
        let first = try page(threads: 1)
        #expect(try page(threads: 3) == first)
        #expect(ParsedMarkup(first).problem == nil)
    }
}
