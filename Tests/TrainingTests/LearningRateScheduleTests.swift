import Foundation
import Testing
import Training

/// Against the formulas of Transformers' `optimization.py`: `get_constant_schedule`,
/// `get_constant_schedule_with_warmup`, `get_linear_schedule_with_warmup`,
/// `get_cosine_schedule_with_warmup`. Only the warm-up deviates: step s of w has (s + 1)/(w + 1) of
/// the peak where Transformers has s/w, whose first step is 0.
@Suite struct LearningRateScheduleTests {
    private func schedule(
        _ kind: LearningRateSchedule.Kind, warmup: Int, total: Int = 100
    ) -> LearningRateSchedule {
        LearningRateSchedule(kind: kind, peak: 2e-3, warmupSteps: warmup, totalSteps: total)
    }

    private func expect(_ rate: Double, _ expected: Double) {
        #expect(abs(rate - expected) <= 1e-15, "\(rate) is not \(expected)")
    }

    @Test("Constant ignores the warm-up, as in Transformers")
    func constant() {
        for step in [0, 1, 5, 50, 99, 500] {
            expect(schedule(.constant, warmup: 10).rate(at: step), 2e-3)
        }
    }

    @Test("The first warm-up step is 1/(w + 1) of the peak, and the peak follows the last one")
    func warmup() {
        for kind in LearningRateSchedule.Kind.allCases where kind != .constant {
            let schedule = schedule(kind, warmup: 4)
            for (step, part) in zip(0..., [0.2, 0.4, 0.6, 0.8, 1.0]) {
                expect(schedule.rate(at: step), 2e-3 * part)
            }
        }
    }

    @Test("Constant with warm-up stays at the peak")
    func constantWithWarmup() {
        for step in [10, 11, 50, 99, 100, 1000] {
            expect(schedule(.constantWithWarmup, warmup: 10).rate(at: step), 2e-3)
        }
    }

    @Test("Linear falls to 0 at the end and stays there")
    func linear() {
        for warmup in [0, 10] {
            for step in warmup...120 {
                let factor = max(0, Double(100 - step) / Double(max(1, 100 - warmup)))
                expect(schedule(.linear, warmup: warmup).rate(at: step), 2e-3 * factor)
            }
        }
        expect(schedule(.linear, warmup: 10).rate(at: 55), 1e-3)
    }

    @Test("Cosine falls to 0 over half a period and stays there")
    func cosine() {
        for warmup in [0, 10] {
            for step in warmup...100 {
                let progress = Double(step - warmup) / Double(max(1, 100 - warmup))
                let factor = max(0, 0.5 * (1 + cos(.pi * 0.5 * 2 * progress)))
                expect(schedule(.cosine, warmup: warmup).rate(at: step), 2e-3 * factor)
            }
        }
        expect(schedule(.cosine, warmup: 0).rate(at: 50), 1e-3)
        expect(schedule(.cosine, warmup: 0).rate(at: 25), 2e-3 * (1 + 0.5.squareRoot()) / 2)
        expect(schedule(.cosine, warmup: 0).rate(at: 150), 0)
    }

    @Test("Runs of no or one step, and warm-ups as long as the run, have finite rates")
    func degenerate() {
        for kind in LearningRateSchedule.Kind.allCases {
            for (warmup, total) in [(0, 0), (0, 1), (1, 1), (5, 5), (9, 5)] {
                for step in 0...10 {
                    let rate = schedule(kind, warmup: warmup, total: total).rate(at: step)
                    #expect((0...2e-3).contains(rate))
                }
            }
        }
    }

    @Test("The names are those of lr_scheduler_type")
    func names() {
        #expect(
            LearningRateSchedule.Kind.allCases.map(\.rawValue)
                == ["constant", "constant_with_warmup", "linear", "cosine"])
    }
}
