import Synchronization

/// Carries a value that cannot be copied from the thread that made it to the task that asked for
/// it: a continuation takes copyable values only.
final class Parcel<Value: ~Copyable>: Sendable {
    private let content: Mutex<Value?>

    init(_ value: consuming sending Value) { content = Mutex(value) }

    /// The value; once.
    func take() -> sending Value {
        let value = content.withLock { content -> sending Value? in
            let value = content.take()
            return value
        }
        guard let value else { preconditionFailure("a value was handed over twice") }
        return value
    }
}
