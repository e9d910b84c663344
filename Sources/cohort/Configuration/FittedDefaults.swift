/// Defaults that depend on other settings: a short run shall not fail for a warm-up that nobody asked for.
extension Resolution {
    mutating func fitDefaults() {
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
