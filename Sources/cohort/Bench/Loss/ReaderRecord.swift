import Foundation

/// What a reader has processed, kept in a file that survives the reader: the numbers of the messages, eight
/// bytes each, in order.
struct ReaderRecord: Sendable {
    let path: String

    /// In the order in which they were processed.
    func numbers() -> [UInt64] {
        let bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
        return stride(from: 0, through: bytes.count - 8, by: 8).map { start in
            bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    /// How many there are.
    var count: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) / 8 : 0
    }

    /// The reader's end of it.
    final class Writer: Sendable {
        private let path: String
        private let descriptor: Int32

        init(_ record: ReaderRecord) throws(CommandFailure) {
            path = record.path
            descriptor = try POSIXFile.open(path, O_WRONLY | O_CREAT | O_APPEND)
        }

        deinit { _ = close(descriptor) }

        /// The message was processed; known from now on, whatever happens to this process.
        func append(_ number: UInt64) throws(CommandFailure) {
            try POSIXFile.write(
                withUnsafeBytes(of: number.littleEndian, Array.init), to: descriptor, path: path)
        }
    }
}
