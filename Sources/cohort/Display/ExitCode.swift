/// How a command ends, as sysexits(3) numbers it; scripts and supervisors may rely on these.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    /// EX_USAGE: options that do not make sense.
    case usage = 64
    /// EX_DATAERR: a data file, model or record has wrong contents.
    case badData = 65
    /// EX_NOINPUT: a file that was named does not exist or cannot be read.
    case noInput = 66
    /// EX_UNAVAILABLE: a peer cannot be reached or went silent.
    case peerUnavailable = 69
    /// EX_SOFTWARE: an invariant of this program broke.
    case internalError = 70
    /// EX_CANTCREAT: an output file or directory cannot be made.
    case cannotCreate = 73
    /// EX_IOERR: reading or writing failed half-way; among others a file that may not grow further
    /// (`ulimit -f`), and a full disk where the command does not wait, or was asked to stop, for room.
    case inputOutput = 74
    /// EX_TEMPFAIL: the same command may succeed later.
    case tryAgain = 75
    /// EX_NOPERM: permissions or keys do not allow it, or the file system is mounted read-only.
    case notPermitted = 77
    /// EX_CONFIG: the configuration is wrong.
    case configuration = 78
    /// 128 + SIGINT, as shells report it: stopped by Ctrl-C after an orderly end.
    case interrupted = 130
    /// 128 + SIGTERM: stopped by a supervisor after an orderly end.
    case terminated = 143
}
