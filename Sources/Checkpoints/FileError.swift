private import Foundation
package import Ports

/// A system call on a file or directory failed.
package struct FileError: Error, Hashable, CustomStringConvertible {
    /// What was tried: "write", "rename".
    package var operation: String
    package var path: String
    /// `errno`.
    package var code: Int32
    /// How many bytes were to be written, where that was the operation.
    package var bytesNeeded: Int?

    /// `code`: by default the calling thread's `errno`.
    package init(_ operation: String, _ path: String, code: Int32? = nil, bytesNeeded: Int? = nil) {
        self.operation = operation
        self.path = path
        self.code = code ?? errno
        self.bytesNeeded = bytesNeeded
    }

    package var description: String {
        let reason = String(cString: strerror(code))
        let text = "cannot \(operation) \(path): \(reason) (errno \(code))"
        switch code {
        case ENOSPC, EDQUOT:
            let needed = bytesNeeded.map { "\($0) bytes were needed; " } ?? ""
            return text + "; \(needed)free some space or choose another directory"
        case EFBIG:
            return text + "; raise the limit on the size of files (ulimit -f) or choose another directory"
        case EROFS:
            return text + "; mount the file system for writing or choose another directory"
        default:
            return text
        }
    }
}

extension FileError: RoomError {
    package var bytesWithoutRoom: UInt64? {
        code == ENOSPC || code == EDQUOT ? UInt64(bytesNeeded ?? 0) : nil
    }
}

/// A file was read but is not what it should be.
package struct FormatError: Error, CustomStringConvertible {
    package var path: String
    package var underlying: any Error

    package init(path: String, _ underlying: any Error) {
        self.path = path
        self.underlying = underlying
    }

    package var description: String { "\(path): \(underlying)" }
}

/// The file system has too little room for what is about to be written.
package struct InsufficientSpace: Error, Hashable, CustomStringConvertible {
    package var path: String
    /// With the reserve of a fifth.
    package var bytesNeeded: UInt64
    package var bytesFree: UInt64

    package init(path: String, bytesNeeded: UInt64, bytesFree: UInt64) {
        self.path = path
        self.bytesNeeded = bytesNeeded
        self.bytesFree = bytesFree
    }

    package var description: String {
        "\(path) has \(bytesFree) bytes free, but \(bytesNeeded) are needed (the files and a fifth more); "
            + "free some space or choose another directory"
    }
}

extension InsufficientSpace: RoomError {
    package var bytesWithoutRoom: UInt64? { bytesNeeded }
}
