/// The making of a resolved configuration: sources are applied one after the other, problems
/// collected.
struct Resolution {
    var resolved: ResolvedConfiguration
    let suggestions = KeySuggestions()
    var problems: [ConfigurationProblem] = []

    init(_ resolved: ResolvedConfiguration) { self.resolved = resolved }

    /// All sources, the weakest first.
    mutating func apply(_ sources: ConfigurationSources) {
        for file in sources.files {
            do throws(ConfigurationFailure) {
                apply(try file.entries(), of: file.name)
            } catch {
                problems += error.problems
            }
        }
        apply(environment: sources.environment)
        for assignment in sources.assignments { apply(assignment) }
    }

    mutating func apply(_ entries: [ConfigurationEntry], of file: String) {
        var reportedTables: Set<String> = []
        for entry in entries {
            let place = "\(file):\(entry.location.key)"
            let table = entry.path[0]
            if entry.path.count == 1 {
                applyOutsideTables(entry, place: place)
            } else if !Setting.tables.contains(table) {
                // One word about the table is enough; its keys may all be right.
                guard reportedTables.insert(table).inserted else { continue }
                problems.append(unknownTable(entry, place: place))
            } else {
                assign(
                    SettingKey(table: table, name: entry.path[1]), { _ in entry.value },
                    .file(name: file, line: entry.location.key.line), place: place,
                    valuePlace: "\(file):\(entry.location.value)")
            }
        }
    }

    mutating func apply(environment: [String: String]) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            let place = "environment variable \(name)"
            if let setting = Setting.named(variable: name) {
                assign(
                    setting.key, { $0.parse(text) }, .environment(name), place: place,
                    valuePlace: place)
            } else if let key = Self.intendedKey(name) {
                problems.append(unknownKey(key, place: place))
            }
        }
    }

    mutating func apply(_ assignment: SettingAssignment) {
        assign(
            assignment.key, { $0.parse(assignment.text) }, .commandLine(assignment.option),
            place: assignment.option, valuePlace: assignment.option)
    }

    /// The configuration, or every problem there is.
    mutating func finished() throws(ConfigurationFailure) -> ResolvedConfiguration {
        fitDefaults()
        let all = problems.isEmpty ? ConfigurationRules.problems(in: resolved) : problems
        guard all.isEmpty else { throw ConfigurationFailure(all) }
        return resolved
    }

    mutating func assign(
        _ key: SettingKey, _ value: (AllowedValues) -> SettingValue, _ origin: ValueOrigin,
        place: String, valuePlace: String
    ) {
        guard let setting = Setting.named(key) else {
            problems.append(unknownKey(key, place: place))
            return
        }
        let value = value(setting.allowed)
        do throws(SettingFault) {
            try setting.assign(value, to: &resolved.configuration)
            resolved.origins[key] = origin
        } catch {
            problems.append(
                ConfigurationProblem(
                    kind: error == .wrongType ? .wrongType : .outOfRange, place: valuePlace,
                    sentence: setting.complaint(error, value)))
        }
    }

    /// `COHORT_GRPO_BETTA` was meant for us because of its table's name; `COHORT_LEARNER` is not a
    /// key.
    private static func intendedKey(_ variable: String) -> SettingKey? {
        for table in Setting.tables {
            let prefix = "COHORT_\(table)_".uppercased()
            guard variable.hasPrefix(prefix), variable != prefix else { continue }
            return SettingKey(table: table, name: variable.dropFirst(prefix.count).lowercased())
        }
        return nil
    }
}
