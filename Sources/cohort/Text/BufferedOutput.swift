#if canImport(Glibc)
    private import Glibc
#elseif canImport(Darwin)
    private import Darwin
#endif

/// Standard output of a command that others read line by line: written in large pieces, and unlike
/// progress for people, a failure ends the command.
struct BufferedOutput {
    private static let flushBytes = 1 << 16
    private var bytes: [UInt8] = []

    mutating func write(line: String) throws(CommandFailure) {
        bytes.append(contentsOf: line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= Self.flushBytes { try flush() }
    }

    mutating func flush() throws(CommandFailure) {
        try POSIXFile.write(bytes, to: STDOUT_FILENO, path: "standard output")
        bytes.removeAll(keepingCapacity: true)
    }
}
