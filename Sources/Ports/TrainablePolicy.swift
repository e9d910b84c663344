/// Which weights score.
package enum ScoredPolicy: Sendable { case current, reference }

/// The policy being trained, as the learner sees it.
package protocol TrainablePolicy: Sendable {
    /// Log-probabilities of all completion tokens of `groups`, forward only; of the current policy its
    /// values too, where it has a value head.
    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) async throws -> TokenScores

    /// One optimiser step. `groups` is cut into blocks of consecutive whole groups, fixed by the data;
    /// for each block `loss` receives the range of groups and their scores under the current weights and
    /// answers with the gradient. Block gradients are summed in order, clipped to `maxGradNorm` (≤ 0:
    /// not clipped) and applied by AdamW. `loss` may be called on several threads at once.
    ///
    /// `needsDivergence`: scores hold divergences from the reference, at the cost of its forward pass.
    ///
    /// Throws `NonFiniteGradient` and leaves weights and optimiser state as they were if the gradient's
    /// norm is not finite.
    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) async throws -> OptimizerStep<Report>

    /// π_ref ← α·π_θ + (1 − α)·π_ref, weight by weight (TRL's `sync_ref_model` with
    /// `ref_model_mixup_alpha`), for 0 ≤ α ≤ 1.
    func mixReference(_ alpha: Double) async throws

    /// The current weights as a safetensors image.
    func exportWeights() async throws -> [UInt8]
    /// Optimiser moments and step counter as a safetensors image; and the value head, where there is one.
    func exportOptimizer() async throws -> [UInt8]
    /// The reference's weights as a safetensors image of f32; `nil` where they never change.
    func exportReference() async throws -> [UInt8]?
    /// Puts weights and optimiser back, bit for bit.
    func restore(weights: [UInt8], optimizer: [UInt8]?) async throws
    /// Puts back all three; without an image of it the reference stays what it is.
    func restore(weights: [UInt8], optimizer: [UInt8]?, reference: [UInt8]?) async throws
}

/// For policies whose reference never changes.
extension TrainablePolicy {
    package func mixReference(_ alpha: Double) async throws { throw FixedReference() }

    package func exportReference() async throws -> [UInt8]? { nil }

    package func restore(
        weights: [UInt8], optimizer: [UInt8]?, reference: [UInt8]?
    ) async throws {
        guard reference == nil else { throw FixedReference() }
        try await restore(weights: weights, optimizer: optimizer)
    }
}

/// Someone asked to change a reference policy that cannot change.
package struct FixedReference: Error, Hashable, CustomStringConvertible {
    package init() {}
    package var description: String {
        "the reference policy of this learner cannot change; set sync_ref_model (and beta > 0) for "
            + "one that can"
    }
}

package struct OptimizerStep<Report: Sendable>: Sendable {
    /// The loss's reports, in block order.
    package var reports: [Report]
    /// L2 norm of the whole gradient before clipping.
    package var gradNorm: Double

    package init(reports: [Report], gradNorm: Double) {
        self.reports = reports
        self.gradNorm = gradNorm
    }
}

/// The gradient of a minibatch overflowed or is not a number.
package struct NonFiniteGradient: Error, CustomStringConvertible {
    package init() {}
    package var description: String {
        "the gradient is not finite; lower learning_rate or max_grad_norm"
    }
}
