private import Foundation
private import Ports

/// The operating system's files.
package struct LocalFileSystem: FileSystem {
    package init() {}

    package func create(_ path: String) throws(FileError) -> OpenFile {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("create", path) }
        return OpenFile(path: path, descriptor: descriptor)
    }

    package func write(
        _ bytes: UnsafeRawBufferPointer, to file: OpenFile
    ) throws(FileError) -> Int {
        while true {
            let count = Foundation.write(file.descriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError("write", file.path) }
        }
    }

    package func flush(_ file: OpenFile) throws(FileError) {
        try Self.flush(file.descriptor, path: file.path)
        #if !canImport(Darwin)
            // What is read back to be verified shall come from the disk, not from memory.
            _ = posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    package func close(_ file: OpenFile) throws(FileError) {
        guard Foundation.close(file.descriptor) == 0 else { throw FileError("close", file.path) }
    }

    package func read<Result>(
        _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        try MappedFile(path).withUnsafeBytes(body)
    }

    package func makeDirectory(_ path: String) throws(FileError) {
        guard mkdir(path, 0o755) == 0 else { throw FileError("create directory", path) }
    }

    package func flushDirectory(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { _ = Foundation.close(descriptor) }
        try Self.flush(descriptor, path: path)
    }

    package func entries(of directory: String) throws(FileError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw FileError("list", directory, code: underlying.map { Int32($0.code) } ?? EIO)
        }
    }

    package func rename(_ source: String, to destination: String) throws(FileError) {
        guard Foundation.rename(source, destination) == 0 else {
            throw FileError("rename to \(destination):", source)
        }
    }

    package func removeFile(_ path: String) throws(FileError) {
        guard unlink(path) == 0 else { throw FileError("remove", path) }
    }

    package func removeDirectory(_ path: String) throws(FileError) {
        guard rmdir(path) == 0 else { throw FileError("remove", path) }
    }

    package func kind(of path: String, followingLinks: Bool) throws(FileError) -> FileKind? {
        var status = stat()
        guard (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("inspect", path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK: return .link
        default: return .other
        }
    }

    package func freeBytes(at directory: String) throws(FileError) -> UInt64 {
        guard let bytes = Ports.freeBytes(onDiskOf: directory) else {
            throw FileError("inspect", directory)
        }
        return bytes
    }

    private static func flush(_ descriptor: Int32, path: String) throws(FileError) {
        #if canImport(Darwin)
            // fsync there leaves the data in the drive's cache.
            let result = fcntl(descriptor, F_FULLFSYNC)
        #else
            let result = fsync(descriptor)
        #endif
        guard result == 0 else { throw FileError("flush", path) }
    }
}
