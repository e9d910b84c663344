internal import Synchronization

/// Hands out 0, 1, … below a limit to whichever thread asks next.
final class SharedCounter: Sendable {
    private let limit: Int
    private let value = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    func next() -> Int? {
        let index = value.add(1, ordering: .relaxed).oldValue
        return index < limit ? index : nil
    }
}
