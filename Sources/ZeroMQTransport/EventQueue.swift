import Synchronization

/// A queue from a link to the one task that reads its events. Sending never waits: what is in it is
/// bounded by leases and workers, not by the queue.
final class EventQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var head = 0
        var receiver: CheckedContinuation<Element?, any Error>?
        var end: Result<Void, any Error>?

        mutating func pop() -> Element? {
            guard head < elements.count else { return nil }
            defer {
                head += 1
                if head == elements.count { (elements, head) = ([], 0) }
            }
            return elements[head]
        }
    }

    private let state = Mutex(State())

    func send(_ element: Element) {
        let receiver = state.withLock { state -> CheckedContinuation<Element?, any Error>? in
            guard state.end == nil else { return nil }
            if let receiver = state.receiver.take() { return receiver }
            state.elements.append(element)
            return nil
        }
        receiver?.resume(returning: element)
    }

    /// No more elements. What is queued can still be received, then `next` answers `nil` or throws.
    func finish(throwing error: (any Error)? = nil) {
        let end: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        let receiver = state.withLock { state in
            state.end = state.end ?? end
            return state.receiver.take()
        }
        receiver?.resume(with: end.map { nil })
    }

    /// Waits for an element; `nil` after `finish`. Throws `CancellationError` as soon as the task
    /// is cancelled; no element is lost by that.
    func next() async throws -> Element? {
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { receive($0) }
        } onCancel: {
            state.withLock { $0.receiver.take() }?.resume(throwing: CancellationError())
        }
    }

    private func receive(_ continuation: CheckedContinuation<Element?, any Error>) {
        let answer = state.withLock { state -> Result<Element?, any Error>? in
            precondition(state.receiver == nil, "the events of a link have one reader")
            // Cancellation sets its flag before it asks for this lock, so it is seen here or there.
            if Task.isCancelled { return .failure(CancellationError()) }
            if let element = state.pop() { return .success(element) }
            if let end = state.end { return end.map { nil } }
            state.receiver = continuation
            return nil
        }
        if let answer { continuation.resume(with: answer) }
    }
}
