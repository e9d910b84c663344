import GRPO
import Testing

import cohort

@Test("The settings table names each key once, in the order of its tables")
func keysAreUnique() {
    let keys = Setting.all.map(\.key)
    #expect(Set(keys).count == keys.count)
    #expect(Set(Setting.tables).count == Setting.tables.count)
    #expect(Setting.tables == ["run", "model", "data", "reward", "sft", "grpo", "cluster"])
    let variables = keys.map(\.environmentName)
    #expect(Set(variables).count == variables.count)
}

@Test("Every property of the configuration has a key")
func everyPropertyHasAKey() {
    // Mirrors list stored properties, so a property that somebody adds without a key shows here.
    let properties = Mirror(reflecting: RunConfiguration()).children.reduce(0) {
        $0 + Mirror(reflecting: $1.value).children.count
    }
    // `grpo.algorithm` has a key for each of its words but one, which is a property of its own.
    let words = AlgorithmWord.all.filter { $0.name != "max_grad_norm" }
    #expect(properties - 1 + words.count == Setting.all.count)
}

@Test("Every key reads and writes a property of its own")
func keysAreIndependent() throws {
    for setting in Setting.all {
        let value = try #require(otherValue(for: setting), "\(setting.key)")
        let text = setting.key.description + "=" + value
        // Values that only make sense together are not the subject here.
        let resolved: ResolvedConfiguration
        do throws(ConfigurationFailure) {
            resolved = try ResolvedConfiguration(
                ConfigurationSources(assignments: [SettingAssignment(parsing: text)]))
        } catch {
            #expect(error.problems.allSatisfy { $0.kind == .inconsistent }, "\(error)")
            continue
        }
        for other in Setting.all where other.key == setting.key || !isFitted(other, resolved) {
            let isChanged = other.value(in: resolved.configuration) != other.defaultValue
            #expect(isChanged == (other.key == setting.key), "\(setting.key) and \(other.key)")
        }
    }
}

/// Whether the default gave way to what was set, or a profile that was named has the value.
private func isFitted(_ setting: Setting, _ resolved: ResolvedConfiguration) -> Bool {
    switch resolved.origin(of: setting.key) {
    case .fittedDefault, .profile: true
    case .default, .file, .environment, .commandLine, .recorded: false
    }
}

/// A value in range that is not the default.
private func otherValue(for setting: Setting) -> String? {
    if case .orNone = setting.allowed { return setting.defaultValue == .text("none") ? "2" : "none" }
    switch (setting.allowed, setting.defaultValue) {
    case (.boolean, .boolean(let flag)?): return String(!flag)
    case (.integers(let range), .integer(let value)?):
        return String(range.contains(value + 1) ? value + 1 : value - 1)
    case (.numbers, .number(let value)?): return value == 0 ? "0.5" : String(value / 2)
    case (.numbers, nil): return "0.5"
    case (.text, _), (.names, _), (.texts, _): return "other"
    case (.numberList, _): return "0.5"
    case (.words(let words), .text(let word)?): return words.first { $0 != word }
    default: return nil
    }
}

@Test("The defaults are in range and fit together")
func defaultsAreValid() throws {
    let resolved = try ResolvedConfiguration(ConfigurationSources())
    #expect(resolved.configuration == RunConfiguration())
    #expect(resolved.origins.isEmpty)
    for setting in Setting.all {
        guard let value = setting.defaultValue else { continue }
        let text = "\(setting.key)=" + (value.literal)
        #expect(throws: Never.self, "\(setting.key)") {
            try ResolvedConfiguration(
                ConfigurationSources(assignments: [SettingAssignment(parsing: text)]))
        }
    }
}

@Test("Every key has a sentence that ends in a full stop")
func helpSentences() {
    for setting in Setting.all {
        #expect(setting.help.hasSuffix("."), "\(setting.key)")
        #expect(setting.help.count > 15, "\(setting.key)")
    }
}

@Test("An optional key says what its absence means")
func optionalKeys() {
    for setting in Setting.all {
        #expect((setting.defaultValue == nil) == (setting.absence != nil), "\(setting.key)")
    }
}

@Test("The documentation has a row for every key")
func documentation() {
    let text = SettingReference.markdown
    for setting in Setting.all { #expect(text.contains("| `\(setting.key.name)` |")) }
    let beta =
        "| `beta` | `\(RunConfiguration().grpo.algorithm.objective.beta)` | a number of at least 0 "
        + "| same name; default 0.0 there "
        + "| Weight of the KL term to the reference policy; 0 loads no reference. |"
    #expect(text.contains(beta))
    #expect(text.contains("| `epsilon_high` | `\"none\"` | a number above 0, or \"none\" |"))
}

@Test("The template is a configuration file with nothing but defaults")
func template() throws {
    let source = TOMLSource(name: "template.toml", text: SettingReference.template)
    let resolved = try ResolvedConfiguration(ConfigurationSources(files: [source]))
    #expect(resolved.configuration == RunConfiguration())
    #expect(resolved.origins.count == Setting.all.count { $0.defaultValue != nil })
}

@Test("The explanation of one key has all that is known of it")
func explanation() throws {
    let setting = try #require(Setting.named(SettingKey("grpo.num_generations")))
    #expect(
        SettingReference.explanation(of: setting) == """
            grpo.num_generations: \
            Completions per prompt (G), judged against each other; one alone has no group.
              default: \(RunConfiguration().grpo.numGenerations)
              allowed: an integer from 2 to 65536
              TRL:     same name; default 8 there
              set by:  COHORT_GRPO_NUM_GENERATIONS, --set grpo.num_generations=…

            """)
}
