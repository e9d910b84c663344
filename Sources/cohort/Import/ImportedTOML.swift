extension ConfigurationImport {
    /// The settings as a configuration file, in the order of ours.
    package var toml: String {
        let profile = ImportRule.Assignment("grpo.profile", .text(system.profile))
        var lines = ["# Settings carried over from \(system.title)."]
        for table in Setting.tables {
            let inside = ([profile] + assignments).filter { SettingKey($0.key).table == table }
            guard !inside.isEmpty else { continue }
            lines += ["", "[\(table)]"]
            for assignment in inside.sorted(by: { Self.place($0.key) < Self.place($1.key) }) {
                lines.append("\(SettingKey(assignment.key).name) = \(assignment.value.literal)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What keeps a run from starting with these settings although each alone is right; places are lines
    /// of `toml`.
    package var conflicts: [String] {
        do throws(ConfigurationFailure) {
            _ = try ResolvedConfiguration(
                ConfigurationSources(files: [TOMLSource(name: "line", text: toml)]))
            return []
        } catch {
            return error.problems.map(\.sentence)
        }
    }

    private static let places: [String: Int] = {
        Dictionary(uniqueKeysWithValues: zip(Setting.all.map(\.key.description), 0...))
    }()

    private static func place(_ key: String) -> Int { places[key] ?? .max }
}
