internal import GRPO

extension ConfigurationImport {
    /// The settings as a configuration file, in the order of ours.
    package var toml: String { toml { _ in true } }

    /// What keeps a run from starting with these settings although each alone is right; places are lines
    /// of `toml`.
    package var conflicts: [String] {
        let text = toml { ImportTarget($0.key).isSetting($0.value) }
        do throws(ConfigurationFailure) {
            _ = try ResolvedConfiguration(
                ConfigurationSources(files: [TOMLSource(name: "line", text: text)]))
            return []
        } catch {
            return error.problems.map(\.sentence)
        }
    }

    /// What is not `included` is commented out.
    private func toml(including included: (ImportRule.Assignment) -> Bool) -> String {
        let profile = ImportRule.Assignment("grpo.profile", .text(system.profile))
        var lines = ["# Settings carried over from \(system.title)."]
        for table in Setting.tables {
            let inside = ([profile] + assignments).filter { SettingKey($0.key).table == table }
            guard !inside.isEmpty else { continue }
            lines += ["", "[\(table)]"]
            for assignment in inside.sorted(by: { Self.place($0.key) < Self.place($1.key) }) {
                let line = "\(SettingKey(assignment.key).name) = \(assignment.value.literal)"
                lines.append(included(assignment) ? line : "# " + line)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let places: [String: Int] = {
        let keys =
            ["grpo.profile"] + Setting.all.map(\.key.description)
            + AlgorithmWord.all.map { "grpo.\($0.name)" }
        return Dictionary(zip(keys, 0...)) { first, _ in first }
    }()

    private static func place(_ key: String) -> (Int, String) { (places[key] ?? .max, key) }
}
