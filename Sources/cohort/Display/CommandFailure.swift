#if canImport(Glibc)
private import Glibc
#elseif canImport(Darwin)
private import Darwin
#endif
private import Foundation
package import Ports

/// Why a command cannot go on: a sentence for the user, and the exit code.
package struct CommandFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, where, and what to do. Without "error:" in front and without a full stop.
    package var message: String
    package var exitCode: ExitCode
    /// Bytes that there was no room for on the disk, where that is what is wrong.
    package private(set) var bytesWithoutRoom: UInt64?

    package init(_ message: String, _ exitCode: ExitCode) {
        self.message = message
        self.exitCode = exitCode
    }

    package init(_ failure: ConfigurationFailure) {
        self.init(failure.description, .configuration)
    }

    /// A system call that failed with `errno`: "cannot write runs/x/metrics.jsonl: No space left on
    /// device". Missing permission has an exit code of its own. `bytes`: how many were to be written.
    package init(
        errno code: Int32, _ what: String, _ exitCode: ExitCode = .inputOutput, bytes: Int = 0
    ) {
        self.init(
            "\(what): \(String(cString: strerror(code)))", ExitCode(errno: code) ?? exitCode)
        if code == ENOSPC || code == EDQUOT { bytesWithoutRoom = UInt64(bytes) }
    }

    package var description: String { message }

    /// `cohort: ` in front of each line, as it goes to standard error.
    package var report: String {
        message.split(separator: "\n", omittingEmptySubsequences: false)
            .map { "cohort: \($0)\n" }.joined()
    }
}

extension CommandFailure: RoomError {}

extension ExitCode {
    /// For a system call that failed because somebody has to allow it; `nil` for other reasons.
    init?(errno code: Int32) {
        guard [EACCES, EPERM, EROFS].contains(code) else { return nil }
        self = .notPermitted
    }
}

/// What a Foundation error says, without its domain and dictionary.
func readable(_ error: any Error) -> String {
    let error = error as NSError
    if let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError,
        cause.domain == NSPOSIXErrorDomain
    {
        return String(cString: strerror(Int32(cause.code)))
    }
    let code = error.domain == NSCocoaErrorDomain ? CocoaError.Code(rawValue: error.code) : nil
    if code == .fileReadNoSuchFile { return String(cString: strerror(ENOENT)) }
    return error.localizedDescription
}
