import Foundation

/// The learning rate by optimiser step, as `lr_scheduler_type` of Transformers names it.
package struct LearningRateSchedule: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case constant
        case constantWithWarmup = "constant_with_warmup"
        case linear
        case cosine
    }

    package var kind: Kind
    package var peak: Double
    /// Optimiser steps of linear warm-up from 0.
    package var warmupSteps: Int
    /// Optimiser steps of the whole run; `linear` and `cosine` reach 0 there.
    package var totalSteps: Int

    package init(kind: Kind, peak: Double, warmupSteps: Int, totalSteps: Int) {
        self.kind = kind
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The rate of the optimiser step number `step`, counted from 0. The first warm-up step is not 0:
    /// a step that changes nothing teaches nothing.
    package func rate(at step: Int) -> Double {
        if kind != .constant, step < warmupSteps {
            return peak * Double(step + 1) / Double(warmupSteps + 1)
        }
        let decaySteps = max(1, totalSteps - warmupSteps)
        let progress = min(1, Double(step - warmupSteps) / Double(decaySteps))
        switch kind {
        case .constant, .constantWithWarmup: return peak
        case .linear: return peak * (1 - progress)
        case .cosine: return peak * (1 + cos(.pi * progress)) / 2
        }
    }
}
