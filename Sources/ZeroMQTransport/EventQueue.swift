import Synchronization

/// A queue from a link to the one task that reads its events. Sending never waits: what is in it is
/// bounded by leases and workers, not by the queue.
final class EventQueue<Element: Sendable>: Sendable {
    private typealias Receiver = CheckedContinuation<[Element], any Error>

    private struct State {
        var elements: [Element] = []
        var receiver: Receiver?
        /// Elements that the receiver takes at most.
        var limit = 0
        var end: Result<Void, any Error>?

        /// What the receiver is to be resumed with, if it waits and there is something.
        mutating func delivery() -> (Receiver, [Element])? {
            guard !elements.isEmpty, let receiver = receiver.take() else { return nil }
            return (receiver, take(limit))
        }

        mutating func take(_ limit: Int) -> [Element] {
            let taken = Array(elements.prefix(limit))
            elements.removeFirst(taken.count)
            return taken
        }
    }

    private let state = Mutex(State())

    /// Wakes the receiver at most once, however many elements there are.
    func send(_ elements: [Element]) {
        let delivery = state.withLock { state -> (Receiver, [Element])? in
            guard state.end == nil else { return nil }
            state.elements += elements
            return state.delivery()
        }
        if let (receiver, elements) = delivery { receiver.resume(returning: elements) }
    }

    /// No more elements. What is queued can still be received, then `next` answers with none or throws.
    func finish(throwing error: (any Error)? = nil) {
        let end: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
        let receiver = state.withLock { state in
            state.end = state.end ?? end
            return state.receiver.take()
        }
        receiver?.resume(with: end.map { [] })
    }

    /// Waits for elements and takes up to `limit` of them; none after `finish`. Throws
    /// `CancellationError` as soon as the task is cancelled; no element is lost by that.
    func next(upTo limit: Int) async throws -> [Element] {
        precondition(limit > 0, "a reader takes at least one event at a time")
        try Task.checkCancellation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { receive($0, limit) }
        } onCancel: {
            state.withLock { $0.receiver.take() }?.resume(throwing: CancellationError())
        }
    }

    private func receive(_ continuation: Receiver, _ limit: Int) {
        let answer = state.withLock { state -> Result<[Element], any Error>? in
            precondition(state.receiver == nil, "the events of a link have one reader")
            // Cancellation sets its flag before it asks for this lock, so it is seen here or there.
            if Task.isCancelled { return .failure(CancellationError()) }
            if !state.elements.isEmpty { return .success(state.take(limit)) }
            if let end = state.end { return end.map { [] } }
            state.receiver = continuation
            state.limit = limit
            return nil
        }
        if let answer { continuation.resume(with: answer) }
    }
}
