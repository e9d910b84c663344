private import Foundation

/// What checkpoints ask of a file system, one system call each.
///
/// `AtomicDirectory` and `CheckpointDirectory` reach the disk through nothing else, so that tests can put a
/// disk in its place that fails or loses power at any operation.
package protocol FileSystem: Sendable {
    /// Opens a new, empty file for writing, in the place of one that is there.
    func create(_ path: String) throws(FileError) -> OpenFile
    /// Answers with how many bytes were written, which may be fewer.
    func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileError) -> Int
    /// Returns once the file's bytes are on the disk; its name may not be.
    func flush(_ file: OpenFile) throws(FileError)
    func close(_ file: OpenFile) throws(FileError)
    /// Calls `body` with all bytes of a regular file.
    func read<Result>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result

    func makeDirectory(_ path: String) throws(FileError)
    /// Returns once all names in the directory are on the disk as they are.
    func flushDirectory(_ path: String) throws(FileError)
    /// Names in a directory, without `.` and `..`, in no order.
    func entries(of directory: String) throws(FileError) -> [String]
    /// Moves within one directory, at once or not at all.
    func rename(_ source: String, to destination: String) throws(FileError)
    func removeFile(_ path: String) throws(FileError)
    /// The directory has to be empty.
    func removeDirectory(_ path: String) throws(FileError)

    /// `nil`: nothing is there.
    func kind(of path: String, followingLinks: Bool) throws(FileError) -> FileKind?
    /// Bytes that may still be written on the file system of `directory`.
    func freeBytes(at directory: String) throws(FileError) -> UInt64
}

/// A file open for writing.
package struct OpenFile: Sendable {
    package let path: String
    package let descriptor: Int32

    package init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }
}

package enum FileKind: Hashable, Sendable {
    case file, directory, link
    /// A device, pipe or socket.
    case other
}

extension FileSystem {
    /// Writes a whole file and flushes it to the disk. A failed flush is not tried again: the pages count as
    /// clean afterwards, so a second one would lie. Throws `FileError`.
    package func writeDurably(_ bytes: [UInt8], to path: String) throws(FileError) {
        do throws(FileError) {
            let file = try create(path)
            do throws(FileError) {
                try writeAll(bytes, to: file)
                try flush(file)
            } catch {
                try? close(file)
                throw error
            }
            try close(file)
        } catch {
            throw FileError(error.operation, path, code: error.code, bytesNeeded: bytes.count)
        }
    }

    private func writeAll(_ bytes: [UInt8], to file: OpenFile) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let outcome = bytes.withUnsafeBytes { buffer -> Result<Int, FileError> in
                do throws(FileError) {
                    return .success(try write(UnsafeRawBufferPointer(rebasing: buffer[offset...]), to: file))
                } catch {
                    return .failure(error)
                }
            }
            let written = try outcome.get()
            guard written > 0 else { throw FileError("write", file.path, code: ENOSPC) }
            offset += written
        }
    }

    /// Whether anything, even a dangling link, is at `path`.
    func exists(_ path: String) throws(FileError) -> Bool {
        try kind(of: path, followingLinks: false) != nil
    }

    func isDirectory(_ path: String) throws(FileError) -> Bool {
        try kind(of: path, followingLinks: true) == .directory
    }

    /// Creates a directory and those above it where they do not exist, and makes its name durable.
    func makeDirectories(_ path: String) throws(FileError) {
        let parent = parent(of: path)
        if try !isDirectory(path) {
            if try !isDirectory(parent) { try makeDirectories(parent) }
            try makeDirectory(path)
        }
        // One that is there already may have been made a moment before a crash.
        try flushDirectory(parent)
    }

    /// Removes a file or a directory with all it holds.
    func removeTree(_ path: String) throws(FileError) {
        guard try kind(of: path, followingLinks: false) == .directory else {
            return try removeFile(path)
        }
        for name in try entries(of: path) { try removeTree("\(path)/\(name)") }
        try removeDirectory(path)
    }

    /// Throws `InsufficientSpace` unless 1.2 × `bytes` fit, so that a write does not fail half-way.
    package func requireSpace(for bytes: UInt64, at directory: String) throws {
        let (padded, overflow) = bytes.addingReportingOverflow(bytes / 5)
        let needed = overflow ? UInt64.max : padded
        let available = try freeBytes(at: directory)
        guard available >= needed else {
            throw InsufficientSpace(path: directory, bytesNeeded: needed, bytesFree: available)
        }
    }
}

private func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
