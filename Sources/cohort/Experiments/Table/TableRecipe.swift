package import GRPO

/// What one arm of a study trains with.
package struct TableRecipe: Hashable, Sendable {
    /// The line that a completion's reward is compared with.
    package enum Baseline: String, Sendable, Codable {
        /// None: the raw reward is the advantage.
        case none
        /// V(s_t), a table of its own that learns E[r] in each state.
        case value
        /// The group's mean.
        case mean
        /// The mean of the group's others.
        case leaveOneOut
    }

    package enum Surrogate: Hashable, Sendable {
        /// min(ρA, clip(ρ, 1 − ε, 1 + ε)·A).
        case clip
        /// ρA.
        case unclipped
        /// π_θ·A, no ratio.
        case probability
    }

    package var baseline = Baseline.mean
    package var scaling = RewardScaling.none
    package var surrogate = Surrogate.clip
    package var epsilon = 0.2
    /// Weight of k3 to the reference; 0: none.
    package var beta = 0.0
    /// Clips against the policy at the start of the batch and weighs by its ratio to the sampler.
    package var isDecoupled = false

    package init() {}

    package init(_ change: (inout TableRecipe) -> Void) { change(&self) }
}
