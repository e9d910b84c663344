/// Everything that a profile may state: the two rules that are computed here, and settings of the run
/// around them.
public struct AlgorithmSettings: Hashable, Sendable {
    public var advantage = AdvantageRule()
    public var objective = ObjectiveConfiguration()
    public var run = SurroundingSettings()

    /// The default, which is the profile `cohort`.
    public init() {}
}

/// Settings outside advantage and objective that profiles state.
public struct SurroundingSettings: Hashable, Sendable {
    /// `proximal`.
    public var proximal = ProximalPolicy.behavior
    /// `dynamic_sampling`: constant groups are replaced by groups of further prompts.
    public var dynamicSampling = false
    /// `overlong_buffer`: tokens before the length limit in which the penalty grows; below 1: a share of
    /// `max_completion_length`; 0: no penalty.
    public var overlongBuffer = 0.0
    /// `overlong_penalty`: what the penalty is multiplied by.
    public var overlongPenalty = 1.0
    /// `overlong_bounded`: whether it stops at its full size beyond the limit.
    public var overlongBounded = true
    /// `max_grad_norm`; 0: not clipped. `nil`: the profile does not say.
    public var maxGradNorm: Double?
    /// `sync_ref_model`: π_ref ← α·π_θ + (1 − α)·π_ref every `ref_model_sync_steps` steps.
    public var syncRefModel = false
    /// `ref_model_mixup_alpha`: α.
    public var refModelMixupAlpha = 0.6
    /// `ref_model_sync_steps`.
    public var refModelSyncSteps = 512

    public init() {}

    /// The penalty at a length limit; `nil`: none.
    public func overlong(maxLength: Int) -> OverlongPenalty? {
        guard overlongBuffer > 0 else { return nil }
        let buffer =
            overlongBuffer < 1
            ? (Double(maxLength) * overlongBuffer).rounded(.up) : overlongBuffer.rounded()
        return OverlongPenalty(
            maxLength: maxLength, buffer: Int(buffer), factor: overlongPenalty,
            isBounded: overlongBounded)
    }
}
