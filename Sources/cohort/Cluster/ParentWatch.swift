import Foundation
import Synchronization

/// Ends a child when its parent dies. The child's standard input is the read end of a pipe whose write end
/// only the parent holds and never writes to: end of file means that the parent is gone, also after
/// `kill -9`. (A parent-death signal would fire when the spawning *thread* ends, and is Linux only.)
enum ParentWatch {
    /// Calls `onDeath` once, on a thread of its own, at end of file on standard input.
    static func start(_ onDeath: @escaping @Sendable () -> Void) {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            onDeath()
        }
        thread.name = "parent-watch"
        thread.stackSize = 128 << 10
        thread.start()
    }

    /// Exits with `code` after `seconds`, whatever else hangs: the last resort after a stop was asked for.
    static func exitUnlessDone(within seconds: Double, code: ExitCode) {
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { _exit(code.rawValue) }
    }
}
