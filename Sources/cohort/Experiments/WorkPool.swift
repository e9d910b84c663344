import Dispatch
import Synchronization

/// Runs independent pieces of work on a fixed number of threads of their own, results in order.
package struct WorkPool: Sendable {
    package let threads: Int

    package init(threads: Int) {
        precondition(threads >= 1, "work needs a thread")
        self.threads = threads
    }

    /// `body(0)`, `body(1)`, …; throws the error of the first index that failed.
    package func map<Value: Sendable>(
        _ count: Int, _ body: @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        let next = Atomic(0)
        let results = Mutex([Result<Value, any Error>?](repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: min(threads, max(count, 1))) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result = Result { try body(index) }
                results.withLock { $0[index] = result }
            }
        }
        return try results.withLock { try $0.map { try $0!.get() } }
    }
}
