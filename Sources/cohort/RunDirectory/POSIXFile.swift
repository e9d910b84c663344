#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The few file operations that need more care than Foundation takes: complete writes, `O_APPEND`,
/// close-on-exec, durable renames. All of them throw `CommandFailure` with the path in the
/// sentence.
enum POSIXFile {
    static func open(_ path: String, _ flags: Int32) throws(CommandFailure) -> Int32 {
        while true {
            #if canImport(Glibc)
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o644)
            #elseif canImport(Darwin)
            let descriptor = Darwin.open(path, flags | O_CLOEXEC, 0o644)
            #endif
            if descriptor >= 0 { return descriptor }
            guard errno == EINTR else {
                throw CommandFailure(errno: errno, "cannot open \(path)", .cannotCreate)
            }
        }
    }

    /// Writes all of `bytes`; a signal or a short write in between does not matter.
    static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(CommandFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
                #elseif canImport(Darwin)
                Darwin.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
                #endif
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw CommandFailure(errno: errno, "cannot write \(path)", bytes: bytes.count)
            }
        }
    }

    static func synchronize(_ descriptor: Int32, path: String) throws(CommandFailure) {
        guard fsync(descriptor) == 0 else {
            throw CommandFailure(errno: errno, "cannot flush \(path) to the disk")
        }
    }

    /// Replaces the file at `path`: after a crash there is the old text or the new one, never a
    /// part.
    static func replace(_ path: String, with text: String) throws(CommandFailure) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
        do throws(CommandFailure) {
            defer { _ = close(descriptor) }
            try write(Array(text.utf8), to: descriptor, path: temporary)
            try synchronize(descriptor, path: temporary)
        } catch {
            _ = unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let code = errno
            _ = unlink(temporary)
            throw CommandFailure(errno: code, "cannot put \(path) in place")
        }
        try synchronizeDirectory(of: path)
    }

    /// Makes a rename or a new name in the directory of `path` survive a power cut.
    static func synchronizeDirectory(of path: String) throws(CommandFailure) {
        let parent = self.parent(of: path)
        let descriptor = try open(parent, O_RDONLY | O_DIRECTORY)
        defer { _ = close(descriptor) }
        try synchronize(descriptor, path: parent)
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
