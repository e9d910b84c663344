private import Foundation

/// A thread that is an actor's executor: what computes, or waits for a disk, stays off Swift's
/// cooperative pool.
package final class ThreadExecutor: SerialExecutor {
    private let queue = Queue()

    package init(name: String) {
        let thread = Thread { [queue] in queue.run() }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit { queue.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.push(.init(job: UnownedJob(job), executor: self))
    }

    package func checkIsolated() {
        precondition(queue.isOnThread, "this must run on the thread of its actor")
    }

    /// A job keeps its executor alive until it has run: the last reference to the actor, and with
    /// it to the executor, may go away inside the job.
    private struct Entry {
        let job: UnownedJob
        let executor: ThreadExecutor
    }

    /// `@unchecked`: every property is read and written under `condition`; `checkIsolated` proves
    /// at run time that jobs run on the one thread.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var entries: [Entry] = []
        private var stopping = false
        private var thread: Thread?

        var isOnThread: Bool { condition.withLock { thread === Thread.current } }

        func push(_ entry: Entry) {
            condition.withLock {
                entries.append(entry)
                condition.signal()
            }
        }

        func stop() {
            condition.withLock {
                stopping = true
                condition.signal()
            }
        }

        func run() {
            condition.withLock { thread = Thread.current }
            while let batch = next() {
                for entry in batch {
                    entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
                }
            }
        }

        private func next() -> [Entry]? {
            condition.withLock {
                while entries.isEmpty && !stopping { condition.wait() }
                guard !entries.isEmpty else { return nil }
                defer { entries = [] }
                return entries
            }
        }
    }
}
