internal import COneDNN
private import Foundation

/// Threads of our own that run one region at a time and sleep in between; they never spin, because
/// several processes share the cores.
final class ComputeThreads {
    let count: Int
    private let shared = Shared()

    /// `count` includes the calling thread.
    init(count: Int) {
        precondition(count >= 1, "at least one thread must compute")
        self.count = count
        for index in 1..<max(count, 1) {
            let thread = Thread { [shared] in shared.work(index) }
            thread.name = "cohort-compute-\(index)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    deinit { shared.stop() }

    /// Runs `body(0)` here and `body(1)`, …, `body(count - 1)` on the other threads, and returns
    /// when all have. `body` runs on several threads at once although it is not `@Sendable`: each
    /// index may only touch memory of its own, or what is built for sharing. One region at a time.
    func perform(_ body: (Int) -> Void) {
        cohort_stay_on_this_thread()
        guard count > 1 else { return body(0) }
        withoutActuallyEscaping(body) { body in
            shared.begin(body, helpers: count - 1)
            body(0)
            shared.finish()
        }
    }

    /// State of the region. `@unchecked`: every property is read and written under `condition`, and
    /// `begin` checks that no region is under way.
    private final class Shared: @unchecked Sendable {
        private let condition = NSCondition()
        private var body: ((Int) -> Void)?
        private var region = 0
        private var running = 0
        private var stopping = false

        func begin(_ body: @escaping (Int) -> Void, helpers: Int) {
            condition.withLock {
                precondition(self.body == nil, "a parallel region is already under way")
                self.body = body
                running = helpers
                region += 1
                condition.broadcast()
            }
        }

        func finish() {
            condition.withLock {
                while running > 0 { condition.wait() }
                body = nil
            }
        }

        func stop() {
            condition.withLock {
                stopping = true
                condition.broadcast()
            }
        }

        func work(_ index: Int) {
            cohort_stay_on_this_thread()
            var last = 0
            while runNext(index, &last) {
                condition.withLock {
                    running -= 1
                    if running == 0 { condition.broadcast() }
                }
            }
        }

        /// A function of its own, never inlined, so that this thread has let go of the closure
        /// before it reports back: `perform` checks that nobody holds it any more.
        @inline(never)
        private func runNext(_ index: Int, _ last: inout Int) -> Bool {
            guard let body = next(after: &last) else { return false }
            body(index)
            return true
        }

        private func next(after last: inout Int) -> ((Int) -> Void)? {
            condition.withLock {
                while region == last && !stopping { condition.wait() }
                guard !stopping else { return nil }
                last = region
                return body
            }
        }
    }
}

extension ComputeThreads {
    /// Runs `body` on all threads and returns what they delivered for 0, 1, … `count` − 1.
    func collect<Value>(
        _ count: Int, _ body: (_ thread: Int, _ deliver: (Int, Value) -> Void) -> Void
    ) -> [Value] {
        var values = [Value?](repeating: nil, count: count)
        values.withUnsafeMutableBufferPointer { values in
            let values = values
            perform { thread in body(thread) { values[$0] = $1 } }
        }
        return values.enumerated().map { index, value in
            guard let value else { preconditionFailure("no thread delivered item \(index)") }
            return value
        }
    }
}
