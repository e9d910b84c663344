import GRPO
import Testing

/// Estimators from one sampled token.
private let sampled = KLEstimator.allCases.filter { $0 != .full }

@Suite struct KLEstimatorTests {
    @Test("The values at x = 0.1 come out")
    func worked() {
        #expect(KLEstimator.k1.value(0.1) == -0.1)
        #expect(isClose(KLEstimator.k2.value(0.1), 0.005, tolerance: 1e-15))
        #expect(abs(KLEstimator.k3.value(0.1) - 0.005170918) < 5e-10)
        #expect(abs(KLEstimator.k3.gradient(0.1) - -0.105170918) < 5e-10)
        #expect(KLEstimator.k1.gradient(0.1) == 1)
        #expect(KLEstimator.k2.gradient(0.1) == -0.1)
    }

    @Test("Equal policies have exactly no divergence and no gradient")
    func zero() {
        #expect(KLEstimator.k3.value(0) == 0 && KLEstimator.k3.gradient(0) == 0)
        #expect(KLEstimator.k2.value(0) == 0 && KLEstimator.k2.gradient(0) == 0)
    }

    @Test(
        "k3 is never negative, for log-probabilities in float32 and any drift",
        arguments: [
            1.0, 1e-2, 1e-3, 3e-4, 1e-4, 1e-5, 1e-7,
        ])
    func nonNegative(drift: Double) {
        var random = CounterRandom(seed: 5, stream: 0)
        var sum = 0.0
        var truth = 0.0
        for _ in 0..<50_000 {
            let logprob = Float.random(in: -12...0, using: &random)
            let reference = logprob + Float(drift * Double.random(in: -1...1, using: &random))
            let x = Double(reference) - Double(logprob)
            let value = KLEstimator.k3.value(x)
            #expect(value >= 0)
            sum += value
            truth += series(x)
        }
        #expect(isClose(sum, truth, tolerance: 1e-6))
    }

    /// eˣ − 1 − x by its Taylor series, which has no cancellation.
    private func series(_ x: Double) -> Double {
        var term = x * x / 2
        var sum = 0.0
        for n in 3..<40 {
            sum += term
            term *= x / Double(n)
        }
        return sum
    }

    @Test(
        "Huge and infinite differences stay finite and have no gradient",
        arguments: [1e4, -1e4, Double.infinity, -.infinity])
    func huge(x: Double) {
        for estimator in sampled {
            #expect(estimator.value(x).isFinite)
            #expect(estimator.gradient(x) == 0)
        }
    }

    @Test("The derivative by ℓ is that of the value", arguments: sampled.filter { ![.k1Plus, .k3Plus].contains($0) })
    func finiteDifferences(estimator: KLEstimator) {
        for x in stride(from: -4.0, through: 4.0, by: 0.137) {
            let h = 1e-6
            // ℓ + h lowers x by h.
            let numeric = (estimator.value(x - h) - estimator.value(x + h)) / (2 * h)
            #expect(isClose(numeric, estimator.gradient(x), tolerance: 1e-7, scale: 1))
        }
    }
}
