/// The documentation of all keys, made from the table that decodes them.
package enum SettingReference {
    /// One Markdown table per TOML table: key, default, allowed values, relation to TRL, meaning.
    package static var markdown: String {
        Setting.tables.map { table in
            let rows = Setting.all.filter { $0.key.table == table }.map(row)
            let head = [
                "## `[\(table)]`", "", "| Key | Default | Allowed | TRL | Meaning |",
                "|---|---|---|---|---|",
            ]
            return (head + rows).joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// A configuration file with every key at its default, each explained above it.
    package static var template: String {
        Setting.tables.map { table in
            let keys = Setting.all.filter { $0.key.table == table }.map(commented)
            return "[\(table)]\n\n" + keys.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// What `--help` for one key prints.
    package static func explanation(of setting: Setting) -> String {
        """
        \(setting.key): \(setting.help)
          default: \(defaultText(setting))
          allowed: \(setting.allowed.described)
          TRL:     \(relationText(setting.relation))
          set by:  \(setting.key.environmentName), --set \(setting.key)=…

        """
    }

    private static func row(_ setting: Setting) -> String {
        let cells = [
            "`\(setting.key.name)`", "`\(defaultText(setting))`", setting.allowed.described,
            relationText(setting.relation), setting.help,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }

    private static func commented(_ setting: Setting) -> String {
        let line =
            setting.defaultValue.map { "\(setting.key.name) = \(setting.toml($0))" }
            ?? "# \(setting.example)"
        return "# \(setting.help)\n# Allowed: \(setting.allowed.described).\n\(line)\n"
    }

    private static func defaultText(_ setting: Setting) -> String {
        setting.defaultValue.map(setting.toml) ?? "not set: \(setting.absence ?? "no value")"
    }

    private static func relationText(_ relation: Setting.Relation) -> String {
        switch relation {
        case .trl(""): "same"
        case .trl(let difference): "same name; \(difference)"
        case .ours: "–"
        }
    }
}
