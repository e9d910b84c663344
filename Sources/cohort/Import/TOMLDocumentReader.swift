private import TOMLKit

/// Reads a TOML file of another system, with tables in tables.
package struct TOMLDocumentReader {
    private let name: String
    private var budget = ForeignBudget()

    /// `name`: of the file, for messages.
    package init(name: String) { self.name = name }

    /// Throws `CommandFailure` with exit code 65.
    package func document(_ text: String) throws(CommandFailure) -> ForeignDocument {
        guard text.utf8.count <= ForeignLimits.bytesMax else {
            throw CommandFailure("\(name) has more than \(ForeignLimits.bytesMax) bytes", .badData)
        }
        let table = try table(text)
        var reader = self
        do throws(ImportObstacle) {
            return ForeignDocument(name: name, try reader.fields(table, depth: 1))
        } catch {
            throw CommandFailure("\(name): \(error.reason)", .badData)
        }
    }

    private func table(_ text: String) throws(CommandFailure) -> TOMLTable {
        do throws(ConfigurationFailure) {
            return try TOMLSource(name: name, text: text).table()
        } catch {
            throw CommandFailure(error.description, .badData)
        }
    }

    private mutating func fields(
        _ table: TOMLTable, depth: Int
    ) throws(ImportObstacle) -> [ForeignValue.Field] {
        var fields: [ForeignValue.Field] = []
        for key in table.keys {
            try ForeignBudget.check(name: key)
            guard let value = table[key] else { continue }
            fields.append(ForeignValue.Field(key, try self.value(value, depth: depth)))
        }
        return fields
    }

    private mutating func value(
        _ value: any TOMLValueConvertible, depth: Int
    ) throws(ImportObstacle) -> ForeignValue {
        try budget.spend(depth: depth)
        if let table = value.table { return .table(try fields(table, depth: depth + 1)) }
        if let array = value.array {
            var elements: [ForeignValue] = []
            for element in array { elements.append(try self.value(element, depth: depth + 1)) }
            return .list(elements)
        }
        return Self.scalar(value)
    }

    private static func scalar(_ value: any TOMLValueConvertible) -> ForeignValue {
        if let flag = value.bool { return .boolean(flag) }
        if let whole = value.int { return .integer(Int64(whole)) }
        if let number = value.double { return .number(number) }
        let text = value.string ?? value.debugDescription
        // TOML has no null; prime-rl writes it so.
        return text == "None" ? .null : .text(text)
    }
}
