internal import GRPO

/// Defaults that depend on other settings: a short run shall not fail for a warm-up that nobody asked for.
extension Resolution {
    mutating func fitDefaults() {
        fitValueLoss()
        let configuration = resolved.configuration
        let grpo = configuration.grpo
        if grpo.learningRateSchedule == .constant {
            fit(SettingKey("grpo.warmup_steps"), \.grpo.warmupSteps, to: 0, because: "a constant rate has no warm-up")
        } else {
            let (steps, tooMany) = configuration.run.maxSteps.multipliedReportingOverflow(
                by: grpo.optimizerStepsPerBatch)
            fit(
                SettingKey("grpo.warmup_steps"), \.grpo.warmupSteps, to: tooMany ? Int.max : steps / 2,
                because: "half of the run's \(steps) optimiser steps")
        }
        let steps = configuration.sft.steps
        fit(
            SettingKey("sft.warmup_steps"), \.sft.warmupSteps, to: steps / 2,
            because: "half of sft.steps = \(steps)")
    }

    /// A value baseline without a value loss would stay what it starts as: 0.
    private mutating func fitValueLoss() {
        let key = SettingKey("grpo.vf_coef")
        let algorithm = resolved.configuration.grpo.algorithm
        guard algorithm.advantage.baseline.needsValues, algorithm.objective.vfCoef == 0,
            resolved.origin(of: key) == .default
        else { return }
        resolved.configuration.grpo.algorithm.objective.vfCoef = 0.5
        resolved.origins[key] = .fittedDefault("default 0 raised: a value baseline is learned")
    }

    /// Lowers a value that nobody set to `most`.
    private mutating func fit(
        _ key: SettingKey, _ value: WritableKeyPath<RunConfiguration, Int>, to most: Int,
        because reason: String
    ) {
        let standard = resolved.configuration[keyPath: value]
        guard resolved.origin(of: key) == .default, standard > most else { return }
        resolved.configuration[keyPath: value] = most
        resolved.origins[key] = .fittedDefault("default \(standard) lowered: \(reason)")
    }
}
