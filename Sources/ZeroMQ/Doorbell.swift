/// Wakes a wait from outside: a timer that moved, a mailbox that filled.
///
/// A ring is remembered until a wait that names the bell answers it, so one that comes between two
/// waits is not lost; any number of rings before that count as one.
public struct Doorbell: Sendable {
    public struct ID: Hashable, Sendable, CustomStringConvertible {
        let number: UInt64

        package init(number: UInt64) { self.number = number }

        public var description: String { "\(number)" }
    }

    public let id: ID
    private let thread: SocketThread

    /// A bell for waits on `thread`; made on any thread.
    public init(on thread: SocketThread) {
        self.thread = thread
        id = ID(number: SerialNumber.next())
    }

    /// Rings; from any thread.
    public func ring() {
        let (id, thread) = (id, thread)
        thread.push(.call { thread.noteRing(of: id) })
    }

    /// What to name in a wait.
    public var interest: Interest { .rung(id) }
}
