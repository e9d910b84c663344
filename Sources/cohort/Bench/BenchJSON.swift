import Foundation

extension Encodable {
    /// As `--json` prints it: keys sorted, indented, with a line end. Throws for numbers that JSON
    /// lacks.
    package func benchJSON() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
