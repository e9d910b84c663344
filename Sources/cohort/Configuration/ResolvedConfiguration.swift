internal import GRPO

/// Where values come from, weakest first: later ones win.
package struct ConfigurationSources: Sendable {
    /// Later files win over earlier ones.
    package var files: [TOMLSource]
    /// `COHORT_GRPO_BETA=0.04`; other variables are ignored, empty ones count as not set.
    package var environment: [String: String]
    /// Later ones win.
    package var assignments: [SettingAssignment]

    package init(
        files: [TOMLSource] = [], environment: [String: String] = [:],
        assignments: [SettingAssignment] = []
    ) {
        self.files = files
        self.environment = environment
        self.assignments = assignments
    }
}

/// A configuration with who said what.
package struct ResolvedConfiguration: Hashable, Sendable {
    package internal(set) var configuration = RunConfiguration()
    /// Keys that are missing here have their default.
    package internal(set) var origins: [SettingKey: ValueOrigin] = [:]

    /// Reads all sources and checks every value and how the values fit together. Throws everything
    /// that is wrong at once; whether values fit together is only looked at where each alone is
    /// right.
    ///
    /// With `recorded`, the configuration of a run that is resumed, what the sources do not mention
    /// stays as it was there, and a change to a key that the run's results depend on is a problem.
    package init(
        _ sources: ConfigurationSources, resuming recorded: ResolvedConfiguration? = nil
    ) throws(ConfigurationFailure) {
        var resolution = Resolution(recorded ?? ResolvedConfiguration())
        resolution.apply(sources)
        let profile = resolution.resolved.configuration.grpo.profile
        if recorded == nil, profile != Profile.cohort.name {
            // The profile stands under everything that the sources say themselves.
            resolution = Resolution(ResolvedConfiguration(profile: profile))
            resolution.apply(sources)
        }
        if let recorded { resolution.compare(with: recorded) }
        self = try resolution.finished()
    }

    init() {}

    package func origin(of key: SettingKey) -> ValueOrigin { origins[key] ?? .default }
}
