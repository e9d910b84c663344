import Synchronization

/// A bounded queue between tasks: any number of senders, one receiver, first in first out.
///
/// A full mailbox suspends its senders, so that pressure reaches back to where messages come from.
package final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var receiver: CheckedContinuation<Element?, Never>?
        /// Senders that found no room, with what they bring, in the order in which they came.
        var waiting: [(element: Element, sender: CheckedContinuation<Void, Never>)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    package init(capacity: Int) {
        precondition(capacity > 0, "a mailbox holds at least one element")
        self.capacity = capacity
    }

    /// Waits for room, then appends. After `close` the element is discarded.
    package func send(_ element: Element) async {
        await withCheckedContinuation { continuation in
            let outcome = state.withLock { state in
                let outcome = Self.put(element, into: &state, capacity: capacity)
                if case .full = outcome { state.waiting.append((element, continuation)) }
                return outcome
            }
            switch outcome {
            case .full: return
            case .handedTo(let receiver): receiver.resume(returning: element)
            case .queued, .discarded: break
            }
            continuation.resume()
        }
    }

    /// Appends if there is room at once; false if there is not, or the mailbox is closed.
    package func offer(_ element: Element) -> Bool {
        switch state.withLock({ Self.put(element, into: &$0, capacity: capacity) }) {
        case .full, .discarded: return false
        case .queued: return true
        case .handedTo(let receiver):
            receiver.resume(returning: element)
            return true
        }
    }

    private enum Outcome {
        case queued, full, discarded
        case handedTo(CheckedContinuation<Element?, Never>)
    }

    private static func put(
        _ element: Element, into state: inout State, capacity: Int
    ) -> Outcome {
        if state.isClosed { return .discarded }
        if let receiver = state.receiver.take() { return .handedTo(receiver) }
        guard state.elements.count < capacity else { return .full }
        state.elements.append(element)
        return .queued
    }

    /// Waits for an element; `nil` once the mailbox is closed and empty, or the task was cancelled.
    package func next() async -> Element? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { receive($0) }
        } onCancel: {
            state.withLock { $0.receiver.take() }?.resume(returning: nil)
        }
    }

    private func receive(_ continuation: CheckedContinuation<Element?, Never>) {
        let ready: Element??
        let senders: [CheckedContinuation<Void, Never>]
        (ready, senders) = state.withLock { state in
            precondition(state.receiver == nil, "a mailbox has one receiver")
            if !state.elements.isEmpty {
                let element = state.elements.removeFirst()
                return (.some(element), admitWaiting(&state))
            }
            // Cancellation sets its flag before it asks for this lock, so it is seen here or there.
            if state.isClosed || Task.isCancelled { return (.some(nil), []) }
            state.receiver = continuation
            return (nil, [])
        }
        for sender in senders { sender.resume() }
        if let ready { continuation.resume(returning: ready) }
    }

    /// Moves what waits into the queue as far as there is room. The receiver does this, not the senders
    /// when they wake: between their wake-up and their next try they could be overtaken or forgotten.
    private func admitWaiting(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let admitted = state.waiting.prefix(capacity - state.elements.count)
        state.elements += admitted.map(\.element)
        defer { state.waiting.removeFirst(admitted.count) }
        return admitted.map(\.sender)
    }

    /// Up to `limit` elements that are there already, without waiting.
    package func drain(upTo limit: Int) -> [Element] {
        let (taken, senders) = state.withLock { state in
            let taken = Array(state.elements.prefix(max(0, limit)))
            state.elements.removeFirst(taken.count)
            return (taken, admitWaiting(&state))
        }
        for sender in senders { sender.resume() }
        return taken
    }

    /// No more elements: what is queued can still be received, then `next` answers `nil`. What waits for
    /// room is discarded.
    package func close() {
        let (receiver, waiting) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.receiver.take(), state.waiting)
        }
        receiver?.resume(returning: nil)
        for (_, sender) in waiting { sender.resume() }
    }
}
