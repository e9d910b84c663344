import Synchronization

/// Lets tasks wait until the state of an actor has changed.
///
/// Take a mark, look at the state, and wait for a change since the mark where it is not yet as
/// wished. A change between looking and waiting is not missed, wherever the waiting runs.
final class ChangeSignal: Sendable {
    /// How many changes there were.
    struct Mark: Equatable, Sendable { fileprivate var count: UInt64 = 0 }

    private struct State {
        var mark = Mark()
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    var mark: Mark { state.withLock { $0.mark } }

    /// Returns once `notify` was called after `mark` was taken. Throws `CancellationError` as soon
    /// as the task is cancelled.
    func wait(since mark: Mark) async throws {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumeNow = state.withLock { state in
                    // Cancellation sets its flag before it asks for this lock.
                    if Task.isCancelled || state.mark != mark { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if resumeNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        try Task.checkCancellation()
    }

    func notify() {
        let waiters = state.withLock { state in
            state.mark.count += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }
}
