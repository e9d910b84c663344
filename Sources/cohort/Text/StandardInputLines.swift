#if canImport(Glibc)
    private import Glibc
#elseif canImport(Darwin)
    private import Darwin
#endif

/// The lines of standard input, one by one as they come.
struct StandardInputLines {
    /// Bytes of a line, far more than any text that people write.
    static let longestLine = 64 << 20

    /// Calls `body` with each line, without its line end, and its number from 1. Throws with exit code
    /// 65 and the number where a line is too long or not UTF-8.
    static func forEach(_ body: (String, Int) throws -> Void) throws {
        var lines = LineCutter()
        var number = 0
        while let piece = try POSIXFile.readPiece(STDIN_FILENO, "standard input") {
            for line in lines.add(piece) {
                number += 1
                try body(try text(line, number), number)
            }
            guard lines.pending.count <= longestLine else {
                throw failure(number + 1, "has more than \(longestLine) bytes")
            }
        }
        if !lines.pending.isEmpty { try body(try text(lines.pending, number + 1), number + 1) }
    }

    private static func text(_ line: [UInt8], _ number: Int) throws(CommandFailure) -> String {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw failure(number, "is not UTF-8")
        }
        return text
    }

    /// "standard input, line 3: …"
    static func failure(_ number: Int, _ what: String) -> CommandFailure {
        CommandFailure("standard input, line \(number): \(what)", .badData)
    }
}

/// Cuts bytes that come in pieces into lines.
package struct LineCutter {
    /// The beginning of a line whose end has not come.
    package private(set) var pending: [UInt8] = []

    package init() {}

    /// The lines that `piece` completes.
    package mutating func add(_ piece: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(pending + piece[start..<end])
            pending.removeAll(keepingCapacity: true)
            start = end + 1
        }
        pending += piece[start...]
        return lines
    }
}
