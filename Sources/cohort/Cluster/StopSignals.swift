import Dispatch
import Foundation

/// SIGINT and SIGTERM as a call, on a queue where anything is allowed. Kept for the life of the process.
struct StopSignals {
    private let sources: [any DispatchSourceSignal]

    /// `onStop` gets the signal's number and how many stop signals came before.
    init(_ onStop: @escaping @Sendable (_ signal: Int32, _ earlier: Int) -> Void) {
        let queue = DispatchQueue(label: "cohort.signals")
        let counter = StopCounter()
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { onStop(number, counter.next()) }
            source.resume()
            return source
        }
    }
}

/// Only used on the queue of its `StopSignals`.
private final class StopCounter {
    private var count = 0

    func next() -> Int {
        defer { count += 1 }
        return count
    }
}
