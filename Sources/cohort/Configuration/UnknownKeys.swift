extension Resolution {
    /// A problem that names the keys that were probably meant.
    func unknownKey(_ key: SettingKey, place: String) -> ConfigurationProblem {
        ConfigurationProblem(
            kind: .unknownKey, place: place, sentence: "unknown key \(key); \(advice(for: key))")
    }

    /// A table that does not exist, reported at its first key.
    func unknownTable(_ entry: ConfigurationEntry, place: String) -> ConfigurationProblem {
        let key = SettingKey(table: entry.path[0], name: entry.path[1])
        let start = "there is no table [\(key.table)]; "
        let anywhere = SettingKey(table: "", name: key.name)
        let advice =
            if let table = suggestions.nearestTable(to: key.table) {
                "did you mean [\(table)]?"
            } else if let near = suggestions.nearest(to: anywhere).first {
                "\(key.name) is probably \(near)"
            } else {
                Self.tableList
            }
        return ConfigurationProblem(kind: .unknownKey, place: place, sentence: start + advice)
    }

    /// A key before the first table header, or a table name used as a key.
    mutating func applyOutsideTables(_ entry: ConfigurationEntry, place: String) {
        let name = entry.path[0]
        let isTable = entry.value == .unsupported("a table")
        if Setting.tables.contains(name) {
            // A header with nothing under it changes nothing.
            guard !isTable else { return }
            problems.append(
                ConfigurationProblem(
                    kind: .wrongType, place: place,
                    sentence: "\(name) must be a table, not \(entry.value.described); "
                        + "for example: [\(name)] on a line of its own"))
        } else if isTable {
            let advice = suggestions.nearestTable(to: name).map { "did you mean [\($0)]?" }
            problems.append(
                ConfigurationProblem(
                    kind: .unknownKey, place: place,
                    sentence: "there is no table [\(name)]; " + (advice ?? Self.tableList)))
        } else {
            problems.append(unknownKey(SettingKey(table: "", name: name), place: place))
        }
    }

    private func advice(for key: SettingKey) -> String {
        let near = suggestions.nearest(to: key)
        if let first = near.first, first.name == key.name, !key.table.isEmpty {
            return "\(key.name) belongs in [\(first.table)]: \(first)"
        }
        if let hint = ForeignKeys.hint(for: key.name) { return hint }
        if let first = near.first {
            let others = near.dropFirst().map { " or \($0)" }.joined()
            return "did you mean \(first)\(others)?"
        }
        guard Setting.tables.contains(key.table) else { return Self.tableList }
        let names = Setting.all.filter { $0.key.table == key.table }.map(\.key.name)
        return "[\(key.table)] has " + names.joined(separator: ", ")
    }

    private static var tableList: String {
        "the tables are " + Setting.tables.map { "[\($0)]" }.joined(separator: ", ")
    }
}
