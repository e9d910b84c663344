import Synchronization

/// Numbers for sockets, waits and bells: never the same twice in a process, so a stale name finds
/// nothing.
enum SerialNumber {
    private static let counter = Atomic<UInt64>(0)

    static func next() -> UInt64 {
        counter.add(1, ordering: .relaxed).newValue
    }
}
