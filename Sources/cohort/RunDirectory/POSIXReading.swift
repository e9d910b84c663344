#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif

extension POSIXFile {
    /// All bytes of a file or pipe. Throws with exit code 66 where it cannot be opened, and 65
    /// where it has more than `limit` bytes, which is far more than any text that people write.
    static func read(_ path: String, limit: Int = 16 << 20) throws(CommandFailure) -> [UInt8] {
        let descriptor: Int32
        do throws(CommandFailure) {
            descriptor = try open(path, O_RDONLY)
        } catch {
            let isMissing = error.exitCode == .cannotCreate
            throw CommandFailure(error.message, isMissing ? .noInput : error.exitCode)
        }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        while let piece = try readPiece(descriptor, path) {
            bytes += piece
            guard bytes.count <= limit else {
                throw CommandFailure("\(path) has more than \(limit) bytes", .badData)
            }
        }
        return bytes
    }

    /// The next bytes; `nil` at the end.
    static func readPiece(
        _ descriptor: Int32, _ path: String
    ) throws(CommandFailure) -> [UInt8]? {
        while true {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, initialized in
                #if canImport(Glibc)
                count = Glibc.read(descriptor, buffer.baseAddress!, buffer.count)
                #elseif canImport(Darwin)
                count = Darwin.read(descriptor, buffer.baseAddress!, buffer.count)
                #endif
                initialized = max(0, count)
            }
            if count >= 0 { return count == 0 ? nil : piece }
            guard errno == EINTR else {
                throw CommandFailure(errno: errno, "cannot read \(path)", .noInput)
            }
        }
    }

    /// Throws where the descriptor is a device, pipe or directory.
    static func requireRegular(_ descriptor: Int32, path: String) throws(CommandFailure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw CommandFailure(errno: errno, "cannot look at \(path)")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure("\(path) is not a regular file", .cannotCreate)
        }
    }
}
