import Testing

import cohort

/// Resolves one file's text.
func resolve(
    _ text: String, environment: [String: String] = [:], set: [String] = []
) throws -> ResolvedConfiguration {
    try ResolvedConfiguration(
        ConfigurationSources(
            files: [TOMLSource(name: "run.toml", text: text)], environment: environment,
            assignments: set.map { try SettingAssignment(parsing: $0) }))
}

/// The problems that resolving gives, each as its printed line.
func problems(
    _ text: String, environment: [String: String] = [:], set: [String] = []
) -> [String] {
    do {
        _ = try resolve(text, environment: environment, set: set)
        return []
    } catch let failure as ConfigurationFailure {
        return failure.problems.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

/// A key's line at its default, which tuning may change: `beta = 0.04`.
func defaultLine(_ key: String) -> String {
    let key = SettingKey(key)
    guard let setting = Setting.named(key), let value = setting.defaultValue else { return "" }
    return "\(key.name) = \(value.literal)"
}
