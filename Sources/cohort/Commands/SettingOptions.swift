import ArgumentParser
import Foundation

/// Values given one by one, for commands without a configuration file.
struct SettingOptions: ParsableArguments {
    @Option(name: .customLong("set"), help: "A single value, for instance --set grpo.beta=0.04. May be repeated.")
    var assignments: [String] = []

    /// Environment, then `named` options (key, option, value where it was given), then `--set`.
    func sources(
        files: [TOMLSource] = [], _ named: [(key: String, option: String, value: String?)]
    ) throws -> ConfigurationSources {
        let options = named.compactMap { key, option, value in
            value.map { SettingAssignment(key: key, text: $0, option: "\(option) \($0)") }
        }
        return ConfigurationSources(
            files: files, environment: ProcessInfo.processInfo.environment,
            assignments: options + (try assignments.map { try SettingAssignment(parsing: $0) }))
    }
}
