extension ResolvedConfiguration {
    /// The whole configuration as TOML, each value with its origin as a comment: what `--dry-run`
    /// prints. Reading it back gives the same configuration.
    package var toml: String {
        var lines = ["# The resolved configuration; after each value, who set it."]
        for table in Setting.tables {
            lines += ["", "[\(table)]"]
            let settings = Setting.all.filter { $0.key.table == table }
            let assignments = settings.map(assignment)
            let width = assignments.map(\.count).max() ?? 0
            for (setting, text) in zip(settings, assignments) {
                let padding = String(repeating: " ", count: width - text.count)
                lines.append("\(text)\(padding)  # \(comment(of: setting.key))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func assignment(_ setting: Setting) -> String {
        if let value = setting.value(in: configuration) {
            return "\(setting.key.name) = \(setting.toml(value))"
        }
        return "# \(setting.key.name) is not set: \(setting.absence ?? "no value")"
    }

    /// Origins may quote what a user typed, and TOML comments allow no control characters.
    private func comment(of key: SettingKey) -> String {
        var text = String.UnicodeScalarView()
        for scalar in origin(of: key).description.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            text.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }
}
