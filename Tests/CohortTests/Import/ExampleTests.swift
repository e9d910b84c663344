import GRPO
import Testing
import cohort

@Test(
    "A file with keys of every kind gives the configuration and the report that are expected",
    arguments: 0..<3)
func wholeFiles(index: Int) throws {
    let example = ImportExample.all[index]
    let result = try example.result()
    #expect(result.toml == (try example.text(".expected.toml")))
    #expect(result.report == (try example.text(".report.txt")))
    #expect(result.isIncomplete)
    for kind in ConfigurationImport.Kind.allCases { #expect(result.count(kind) > 0) }
}

@Test("Every key of a file appears exactly once in the report", arguments: 0..<3)
func everyKeyOnce(index: Int) throws {
    let example = ImportExample.all[index]
    let result = try example.result()
    let stated = result.entries.filter(\.isStated)
    let entries = try example.document().entries
    #expect(stated.map(\.path).sorted() == entries.map(\.path).sorted())
    #expect(Set(stated.map(\.path)).count == stated.count)
    for entry in entries {
        let lines = result.report.split(separator: "\n").filter { $0.hasPrefix("  \(entry.path) = ") }
        #expect(lines.count == 1, "\(entry.path)")
    }
}

@Test("The contents of a file say which system it is of", arguments: 0..<3)
func detection(index: Int) throws {
    let example = ImportExample.all[index]
    let (system, document) = try ForeignSystem.detect(name: example.file, text: try example.text())
    #expect(system.name == example.system.name)
    #expect(document == (try example.document()))
}

@Test("What is of no known system has to be said with --from")
func detectionFails() throws {
    for text in ["", "# nothing\n", "colour: red\n"] {
        do {
            _ = try ForeignSystem.detect(name: "x", text: text)
            Issue.record("\(text) was taken for something")
        } catch {
            #expect(error.exitCode == .badData)
            #expect(error.message.contains("--from"))
        }
    }
}

@Test(
    "The configuration that comes out reads back: every value is accepted, as a setting or as a word",
    arguments: 0..<3)
func readsBack(index: Int) throws {
    let result = try ImportExample.all[index].result()
    let document = try TOMLDocumentReader(name: "out.toml").document(result.toml)
    let written = Set(result.assignments.map(\.key) + ["grpo.profile"])
    #expect(Set(document.entries.map(\.path)) == written)
    #expect(result.conflicts.isEmpty)
    var words = AlgorithmSettings()
    for assignment in result.assignments {
        let key = SettingKey(assignment.key)
        guard case .one(let value) = assignment.value else { continue }
        if key.table == "grpo", let word = try? AlgorithmWord.named(key.name) {
            try word.set(WordValue(parsing: value.literal), in: &words)
        } else if Setting.named(key) != nil {
            // The built-in model is too short for the other systems' completions.
            let model = key.table == "model" ? "" : "[model]\npath = \"models/small\"\n"
            #expect(problems("\(model)[\(key.table)]\n\(key.name) = \(value.literal)\n").isEmpty)
        }
    }
}
