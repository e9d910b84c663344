import Foundation
import cohort

/// Imports a text as a file called "config".
func imported(_ text: String, from system: ForeignSystem) throws -> ConfigurationImport {
    ConfigurationImport(try system.read(name: "config", text: text), from: system)
}

/// The sentence that reading YAML fails with, or `nil`.
func yamlProblem(_ text: String) -> String? {
    do {
        _ = try YAMLDocumentReader(name: "config.yaml").document(text)
        return nil
    } catch {
        return error.exitCode == .badData ? error.message : "\(error.exitCode): \(error.message)"
    }
}

/// The values of a YAML text by their paths.
func yamlValues(_ text: String) throws -> [String: ForeignValue] {
    let entries = try YAMLDocumentReader(name: "config.yaml").document(text).entries
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.path, $0.value) })
}

/// A file of Tests/Fixtures/import with keys of every kind, and what its import gives: NAME.expected.toml
/// and NAME.report.txt.
struct ImportExample: Sendable {
    let system: ForeignSystem
    let file: String

    static let all = [
        ImportExample(system: .trl, file: "trl.yaml"), ImportExample(system: .verl, file: "verl.yaml"),
        ImportExample(system: .primeRL, file: "prime-rl.toml"),
    ]

    func text(_ suffix: String = "") throws -> String {
        let directory = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/import").standardized
        let name = suffix.isEmpty ? file : system.name + suffix
        return String(decoding: try Data(contentsOf: directory.appending(path: name)), as: UTF8.self)
    }

    func document() throws -> ForeignDocument { try system.read(name: file, text: try text()) }
    func result() throws -> ConfigurationImport { ConfigurationImport(try document(), from: system) }
}
