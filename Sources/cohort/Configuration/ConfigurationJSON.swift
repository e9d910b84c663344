private import Foundation

extension ResolvedConfiguration {
    /// The configuration as one JSON object, tables and keys in the order of the settings table,
    /// with the origin of every value that is not a default: what stands in the run directory.
    package var json: String {
        var tables: [String] = []
        for table in Setting.tables {
            let lines = Setting.all.filter { $0.key.table == table }.map { setting in
                "      \(quotedString(setting.key.name)): "
                    + (setting.value(in: configuration)?.literal ?? "null")
            }
            tables.append("    \(quotedString(table)): {\n\(lines.joined(separator: ",\n"))\n    }")
        }
        let said = Setting.all.compactMap { setting in
            origins[setting.key].map {
                "    \(quotedString("\(setting.key)")): \(quotedString($0.description))"
            }
        }
        let sources = said.isEmpty ? "{}" : "{\n\(said.joined(separator: ",\n"))\n  }"
        return """
            {
              "version": 1,
              "configuration": {
            \(tables.joined(separator: ",\n"))
              },
              "origins": \(sources)
            }

            """
    }

    /// Reads such an object back. A key that the record lacks was added later and keeps its
    /// default. Throws where the text is not such an object or holds a key or value that is not
    /// known here.
    package init(json: String, name: String) throws(ConfigurationFailure) {
        let record: ConfigurationRecord
        do {
            record = try JSONDecoder().decode(ConfigurationRecord.self, from: Data(json.utf8))
        } catch {
            throw Self.unreadable(
                name,
                "it is not the record that a run writes of its configuration")
        }
        guard record.version == 1 else {
            throw Self.unreadable(name, "it has version \(record.version), and 1 is known here")
        }
        var resolution = Resolution(ResolvedConfiguration())
        for (table, keys) in record.configuration.sorted(by: { $0.key < $1.key }) {
            for (key, value) in keys.sorted(by: { $0.key < $1.key }) {
                resolution.applyRecorded(
                    SettingKey(table: table, name: key), value.value, place: name)
            }
        }
        self = try resolution.finished()
    }

    private static func unreadable(_ name: String, _ why: String) -> ConfigurationFailure {
        ConfigurationFailure([
            ConfigurationProblem(kind: .syntax, place: name, sentence: "cannot be read: \(why)")
        ])
    }
}

private struct ConfigurationRecord: Decodable {
    var version: Int
    var configuration: [String: [String: RecordedValue]]
}

private struct RecordedValue: Decodable {
    /// `nil`: not set.
    var value: SettingValue?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = nil
        } else if let flag = try? container.decode(Bool.self) {
            value = .boolean(flag)
        } else if let whole = try? container.decode(Int64.self) {
            value = .integer(whole)
        } else if let number = try? container.decode(Double.self) {
            value = .number(number)
        } else if let items = try? container.decode([RecordedValue].self) {
            value = .list(items.map { $0.value ?? .unsupported("null") })
        } else {
            value = .text(try container.decode(String.self))
        }
    }
}
