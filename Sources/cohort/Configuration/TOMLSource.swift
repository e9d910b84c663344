internal import TOMLKit

/// The text of a configuration file and the name to show for it.
package struct TOMLSource: Hashable, Sendable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The file's keys and values in the order in which they stand there. The parser's own values
    /// are not `Sendable`, so they live and die in here.
    ///
    /// Throws where the text is not TOML.
    func entries() throws(ConfigurationFailure) -> [ConfigurationEntry] {
        let locator = TOMLKeyLocator(text)
        let locations = locator.locations
        let root = try parse(guardedBy: locator)
        var entries: [ConfigurationEntry] = []
        for name in root.keys {
            guard let value = root[name] else { continue }
            let inner = value.table
            if let inner, !inner.isEmpty {
                for key in inner.keys {
                    guard let value = inner[key] else { continue }
                    entries.append(entry([name, key], Self.settingValue(value), locations))
                }
            } else {
                entries.append(entry([name], Self.settingValue(value), locations))
            }
        }
        return entries.sorted {
            ($0.location.key.line, $0.location.key.column)
                < ($1.location.key.line, $1.location.key.column)
        }
    }

    /// The whole text as the parser has it. Throws where the text is not TOML.
    func table() throws(ConfigurationFailure) -> TOMLTable {
        try parse(guardedBy: TOMLKeyLocator(text))
    }

    private func parse(
        guardedBy locator: TOMLKeyLocator
    ) throws(ConfigurationFailure) -> TOMLTable {
        // The parser takes a C string and would silently stop at a NUL.
        if let before = text.unicodeScalars.firstIndex(of: "\0") {
            let lines = text.unicodeScalars[..<before].split(
                separator: "\n", omittingEmptySubsequences: false)
            throw syntax(
                "a NUL character, which TOML does not allow",
                line: lines.count, column: (lines.last?.count ?? 0) + 1)
        }
        if let (place, sentence) = locator.malformation {
            throw syntax(sentence, line: place.line, column: place.column)
        }
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            let begin = error.source.begin
            throw syntax(error.description, line: begin.line, column: begin.column)
        } catch {
            throw syntax("\(error)", line: 1, column: 1)
        }
    }

    private func syntax(_ what: String, line: Int, column: Int) -> ConfigurationFailure {
        ConfigurationFailure([
            ConfigurationProblem(
                kind: .syntax, place: "\(name):\(line):\(column)",
                sentence: "this is not TOML: \(what)")
        ])
    }

    private func entry(
        _ path: [String], _ value: SettingValue, _ locations: [[String]: KeyLocation]
    ) -> ConfigurationEntry {
        let start = SourcePosition(line: 1, column: 1)
        return ConfigurationEntry(
            path: path, value: value,
            location: locations[path] ?? KeyLocation(key: start, value: start))
    }

    private static func settingValue(_ value: any TOMLValueConvertible) -> SettingValue {
        switch value.type {
        case .bool: value.bool.map(SettingValue.boolean) ?? .unsupported("a boolean")
        case .int: value.int.map { .integer(Int64($0)) } ?? .unsupported("an integer")
        case .double: value.double.map(SettingValue.number) ?? .unsupported("a number")
        case .string: value.string.map(SettingValue.text) ?? .unsupported("a text")
        case .array: value.array.map { .list($0.map(settingValue)) } ?? .unsupported("an array")
        case .table: .unsupported("a table")
        case .date, .time, .dateTime: .unsupported("a date or time")
        }
    }
}

/// One key of a file with its value.
struct ConfigurationEntry: Hashable, Sendable {
    /// Table and name; one part for a key outside every table and for an empty table.
    var path: [String]
    var value: SettingValue
    var location: KeyLocation
}
