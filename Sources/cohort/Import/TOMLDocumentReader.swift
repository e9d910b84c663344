private import TOMLKit

/// Reads a TOML file of another system, with tables in tables.
package struct TOMLDocumentReader {
    private let name: String

    /// `name`: of the file, for messages.
    package init(name: String) { self.name = name }

    /// Throws `CommandFailure` with exit code 65.
    package func document(_ text: String) throws(CommandFailure) -> ForeignDocument {
        do throws(ConfigurationFailure) {
            let table = try TOMLSource(name: name, text: text).table()
            return ForeignDocument(name: name, Self.fields(table))
        } catch {
            throw CommandFailure(error.description, .badData)
        }
    }

    private static func fields(_ table: TOMLTable) -> [ForeignValue.Field] {
        table.keys.compactMap { key in table[key].map { ForeignValue.Field(key, value($0)) } }
    }

    private static func value(_ value: any TOMLValueConvertible) -> ForeignValue {
        if let table = value.table { return .table(fields(table)) }
        if let array = value.array { return .list(array.map { self.value($0) }) }
        if let flag = value.bool { return .boolean(flag) }
        if let whole = value.int { return .integer(Int64(whole)) }
        if let number = value.double { return .number(number) }
        let text = value.string ?? value.debugDescription
        // TOML has no null; prime-rl writes it so.
        return text == "None" ? .null : .text(text)
    }
}
