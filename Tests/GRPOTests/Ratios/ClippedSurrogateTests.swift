import Foundation
import GRPO
import Testing

/// ε = 0.2; a row of: advantage, ratio, min(ρA, clip·A), its derivative.
struct SurrogateRow: Sendable {
    var advantage, ratio, value, gradient: Double
    var low = false
    var high = false
}

@Suite struct ClippedSurrogateTests {
    private static let bounds = ClipBounds<Double>(epsilon: 0.2, epsilonHigh: 0.2)
    private static let rows = [
        SurrogateRow(advantage: 1, ratio: 1.3, value: 1.2, gradient: 0, high: true),
        SurrogateRow(advantage: 1, ratio: 0.7, value: 0.7, gradient: 0.7),
        SurrogateRow(advantage: -1, ratio: 1.3, value: -1.3, gradient: -1.3),
        SurrogateRow(advantage: -1, ratio: 0.7, value: -0.8, gradient: 0, low: true),
        SurrogateRow(advantage: -1, ratio: 5, value: -5, gradient: -5),
        SurrogateRow(advantage: 1, ratio: 1, value: 1, gradient: 1),
        SurrogateRow(advantage: 0, ratio: 1.3, value: 0, gradient: 0),
        SurrogateRow(advantage: 0, ratio: 0.7, value: 0, gradient: 0),
    ]

    @Test("The clip table comes out", arguments: rows)
    func table(row: SurrogateRow) {
        let surrogate = ClippedSurrogate(
            logRatio: log(row.ratio), advantage: row.advantage, bounds: Self.bounds)
        #expect(isClose(surrogate.ratio, row.ratio, tolerance: 1e-15))
        #expect(isClose(surrogate.value, row.value, tolerance: 1e-15))
        #expect(isClose(surrogate.gradient, row.gradient, tolerance: 1e-15))
        #expect(surrogate.isClippedLow == row.low && surrogate.isClippedHigh == row.high)
    }

    @Test("A tie at the clip's edge takes the unclipped branch", arguments: [1.0, -1, 0.3, -7])
    func tie(advantage: Double) {
        // Bounds that the exponential hits exactly: ρ = e^x and the bound is the same number.
        for x in [0.18, -0.22] {
            let ratio = exp(x)
            let bounds = ClipBounds<Double>(epsilon: 1 - ratio, epsilonHigh: ratio - 1)
            #expect(bounds.low == ratio && bounds.high == ratio)
            let surrogate = ClippedSurrogate(logRatio: x, advantage: advantage, bounds: bounds)
            #expect(surrogate.gradient == ratio * advantage)
            #expect(!surrogate.isClippedLow && !surrogate.isClippedHigh)
        }
    }

    @Test("ρ = 1 with ε = 0 is a tie")
    func tieAtOne() {
        let bounds = ClipBounds<Double>(epsilon: 0, epsilonHigh: 0)
        for advantage in [2.0, -2] {
            let surrogate = ClippedSurrogate(logRatio: 0, advantage: advantage, bounds: bounds)
            #expect(surrogate.value == advantage && surrogate.gradient == advantage)
        }
    }

    @Test("1 + 0.2 is the bound 1.2, and one step above is clipped")
    func bound() {
        #expect(Self.bounds.high == 1.2 && Self.bounds.low == 0.8)
        let edge = log(1.2)
        let above = ClippedSurrogate(logRatio: edge + 1e-15, advantage: 1, bounds: Self.bounds)
        let below = ClippedSurrogate(logRatio: edge - 1e-15, advantage: 1, bounds: Self.bounds)
        #expect(above.gradient == 0 && below.gradient > 1.19)
    }

    @Test("The surrogate is never above the unclipped one")
    func pessimistic() {
        var random = CounterRandom(seed: 1, stream: 1)
        for _ in 0..<20_000 {
            let logRatio = Double.random(in: -3...3, using: &random)
            let advantage = Double.random(in: -3...3, using: &random)
            let surrogate = ClippedSurrogate(
                logRatio: logRatio, advantage: advantage, bounds: Self.bounds)
            #expect(surrogate.value <= exp(logRatio) * advantage)
            let clipped = min(max(surrogate.ratio, 0.8), 1.2) * advantage
            #expect(surrogate.value == min(surrogate.ratio * advantage, clipped))
        }
    }

    @Test(
        "Huge and infinite log-ratios stay finite and have no gradient",
        arguments: [1e4, -1e4, Double.infinity, -.infinity, 20.000001, -20.000001])
    func huge(logRatio: Double) {
        for advantage in [1.5, -1.5] {
            let surrogate = ClippedSurrogate(
                logRatio: logRatio, advantage: advantage, bounds: Self.bounds)
            #expect(surrogate.ratio.isFinite && surrogate.value.isFinite)
            #expect(surrogate.gradient == 0)
        }
    }

    @Test("The clamp's own limits still have a gradient")
    func clampEdge() {
        let surrogate = ClippedSurrogate(logRatio: 20, advantage: -1, bounds: Self.bounds)
        #expect(surrogate.gradient == -exp(20.0))
    }

    @Test("The derivative is that of the value, on every branch")
    func finiteDifferences() {
        for logRatio in stride(from: -1.0, through: 1.0, by: 0.0371) {
            for advantage in [1.3, -0.7] {
                let h = 1e-6
                func value(_ x: Double) -> Double {
                    ClippedSurrogate(logRatio: x, advantage: advantage, bounds: Self.bounds).value
                }
                let numeric = (value(logRatio + h) - value(logRatio - h)) / (2 * h)
                let exact = ClippedSurrogate(
                    logRatio: logRatio, advantage: advantage, bounds: Self.bounds
                ).gradient
                #expect(abs(numeric - exact) < 1e-8)
            }
        }
    }
}
