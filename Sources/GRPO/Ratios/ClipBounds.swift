/// 1 − ε and 1 + ε_high, computed once, in one type: 1 + 0.2 is not 1.2 in every precision.
public struct ClipBounds<Scalar: ObjectiveScalar>: Hashable, Sendable {
    public let low: Scalar
    public let high: Scalar
    /// TRL's `delta`: the ratio of the unclipped branch is at most this; infinite: no cap.
    public let delta: Scalar
    /// verl's `clip_ratio_c`: for A < 0 the surrogate is at least c·A (Ye et al., arXiv 1912.09729);
    /// infinite: no bound.
    public let dual: Scalar

    public init(
        epsilon: Double, epsilonHigh: Double, delta: Double? = nil, dualClip: Double? = nil
    ) {
        low = Scalar(1 - epsilon)
        high = Scalar(1 + epsilonHigh)
        self.delta = delta.map { Scalar($0) } ?? .infinity
        dual = dualClip.map { Scalar($0) } ?? .infinity
    }
}
