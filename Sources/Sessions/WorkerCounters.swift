package import Wire

/// What went through a worker's side of the link since its start.
package struct WorkerCounters: Hashable, Sendable {
    package internal(set) var sent = 0
    package internal(set) var resent = 0
    package internal(set) var accepted = 0
    package internal(set) var duplicates = 0
    package internal(set) var dropped: [DropCause: Int] = [:]
    /// Sessions opened: 1 and the number of reconnections.
    package internal(set) var sessions = 0
    /// Frames that did not decode.
    package internal(set) var malformed = 0

    package init() {}

    mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .accepted: accepted += 1
        case .duplicate: duplicates += 1
        case .dropped(let cause): dropped[cause, default: 0] += 1
        }
    }
}
