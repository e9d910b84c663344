/// Text that is not JSON.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, without the place.
    package var message: String
    /// Byte offset into the text, from 0.
    package var offset: Int
    /// From 1.
    package var line: Int
    /// In bytes, from 1.
    package var column: Int

    package var description: String { "line \(line), column \(column): \(message)" }
}

extension JSONError {
    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        self.message = message
        self.offset = offset
        line = 1
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        column = offset - lineStart + 1
    }
}
