import GRPO
import Testing
import cohort

@Test("No key is a source of two rules or a target of two", arguments: 0..<3)
func rulesDoNotOverlap(index: Int) {
    let rules = ForeignSystem.all[index].rules
    let sources = rules.flatMap(\.sources).map(\.path)
    let targets = rules.flatMap(\.targets)
    #expect(Set(sources).count == sources.count)
    #expect(Set(targets).count == targets.count)
}

@Test("Every target of a rule is a key of ours", arguments: 0..<3)
func targetsExist(index: Int) {
    for target in ForeignSystem.all[index].rules.flatMap(\.targets) {
        #expect(Setting.named(SettingKey(target)) != nil, "\(target)")
    }
}

@Test("What a rule sets is among its targets, and the profile exists", arguments: 0..<3)
func assignmentsAreTargets(index: Int) throws {
    let example = ImportExample.all[index]
    let targets = Set(example.system.rules.flatMap(\.targets))
    for assignment in try example.result().assignments { #expect(targets.contains(assignment.key)) }
    #expect(throws: Never.self) { try Profile.named(example.system.profile) }
}

@Test("A file that states a default gets the same value as one that does not, or none", arguments: 0..<3)
func defaultsAgree(index: Int) throws {
    let system = ForeignSystem.all[index]
    let silent = ConfigurationImport(ForeignDocument(name: "config", []), from: system)
    let implied = Dictionary(uniqueKeysWithValues: silent.assignments.map { ($0.key, $0.value) })
    let fields = system.rules.flatMap(\.sources).map { ForeignValue.Field($0.path, $0.standard) }
    let nested = fields.map { field in
        field.name.split(separator: ".").reversed().dropFirst().reduce(
            ForeignValue.Field(field.name.split(separator: ".").last.map(String.init) ?? "", field.value)
        ) { ForeignValue.Field(String($1), .table([$0])) }
    }
    let stated = ConfigurationImport(ForeignDocument(name: "config", nested), from: system)
    #expect(!stated.assignments.isEmpty)
    for assignment in stated.assignments {
        guard let value = implied[assignment.key] else { continue }
        #expect(value == assignment.value, "\(assignment.key)")
    }
    #expect(Set(stated.assignments.map(\.key)).isSuperset(of: implied.keys))
    #expect(silent.entries.allSatisfy { !$0.isStated })
}
