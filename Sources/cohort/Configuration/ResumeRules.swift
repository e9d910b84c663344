extension Resolution {
    /// Takes over a value from a run's record; `nil` keeps the setting unset.
    mutating func applyRecorded(_ key: SettingKey, _ value: SettingValue?, place: String) {
        guard let value else {
            if Setting.named(key) == nil { problems.append(unknownKey(key, place: place)) }
            return
        }
        assign(key, { _ in value }, .recorded, place: place, valuePlace: place)
    }

    /// Notes every key that has another value than the run was started with although its results
    /// depend on it.
    mutating func compare(with recorded: ResolvedConfiguration) {
        for setting in Setting.all where isFixed(setting) {
            let now = setting.value(in: resolved.configuration)
            let before = setting.value(in: recorded.configuration)
            guard now != before else { continue }
            problems.append(
                ConfigurationProblem(
                    kind: .fixedForRun, place: resolved.origin(of: setting.key).description,
                    sentence: "\(setting.key) = \(now?.literal ?? "not set") differs from "
                        + "\(before?.literal ?? "not set"), with which this run was started; leave "
                        + "it as it was, or start a new run"))
        }
    }

    private func isFixed(_ setting: Setting) -> Bool {
        if setting.key == SettingKey("run.max_steps") {
            // A falling learning rate depends on where the run ends.
            let schedule = resolved.configuration.grpo.learningRateSchedule
            return schedule == .linear || schedule == .cosine
        }
        return setting.resume == .fixed
    }
}
