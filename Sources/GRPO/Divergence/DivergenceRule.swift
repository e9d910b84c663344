/// A KL estimator with its clamps, in the scalar of the evaluation.
struct DivergenceRule<Scalar: ObjectiveScalar>: Sendable {
    let estimator: KLEstimator
    private let inputLimit: Scalar
    private let outputLimit: Scalar

    /// Limits in nats; infinite: not clamped. The input's clamp keeps the exponential finite: clamping the
    /// result alone would be too late, exp has overflowed by then and the gradient is 0 × ∞.
    init(_ estimator: KLEstimator, inputLimit: Double, outputLimit: Double = .infinity) {
        self.estimator = estimator
        let isLowVar = estimator == .lowVar
        self.inputLimit = isLowVar ? 20 : Scalar(inputLimit)
        self.outputLimit = isLowVar ? 10 : Scalar(outputLimit)
    }

    init(_ configuration: ObjectiveConfiguration) {
        self.init(
            configuration.klEstimator, inputLimit: LogClamp.limit(configuration.klInputClamp),
            outputLimit: LogClamp.limit(configuration.klOutputClamp))
    }

    /// The estimate at x = ℓ_ref − ℓ, and its derivative by ℓ.
    func term(_ x: Scalar) -> (value: Scalar, gradient: Scalar) {
        let x = ClampedDifference(x, limit: inputLimit)
        let estimate = ClampedDifference(value(x.value), limit: outputLimit)
        guard x.isInside, estimate.isInside else { return (estimate.value, 0) }
        return (estimate.value, gradient(x.value))
    }

    private func value(_ x: Scalar) -> Scalar {
        switch estimator {
        case .k1, .k1Plus: -x
        case .abs: Swift.abs(x)
        case .k2: x * x / 2
        case .k3, .k3Plus: Scalar.exponentialMinusOne(x) - x
        case .k3Direct, .lowVar: Scalar.exponential(x) - x - 1
        case .full: preconditionFailure("the exact divergence is an input")
        }
    }

    private func gradient(_ x: Scalar) -> Scalar {
        switch estimator {
        case .k1: 1
        case .k2, .k1Plus, .k3Plus: -x
        case .abs: x == 0 ? 0 : (x > 0 ? -1 : 1)
        case .k3: -Scalar.exponentialMinusOne(x)
        case .k3Direct, .lowVar: 1 - Scalar.exponential(x)
        case .full: preconditionFailure("the exact divergence is an input")
        }
    }
}
