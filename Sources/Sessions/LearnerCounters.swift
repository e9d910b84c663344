package import Wire

/// What went through the learner's side of the link since its start.
package struct LearnerCounters: Hashable, Sendable {
    /// Groups handed to the learner.
    package internal(set) var delivered = 0
    /// Copies of a group that had been handed over before.
    package internal(set) var repeated = 0
    package internal(set) var accepted = 0
    package internal(set) var duplicates = 0
    package internal(set) var dropped: [DropCause: Int] = [:]
    /// Frames that did not decode.
    package internal(set) var malformed = 0
    package internal(set) var rejected: [RejectCode: Int] = [:]

    package init() {}

    mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .accepted: accepted += 1
        case .duplicate: duplicates += 1
        case .dropped(let cause): dropped[cause, default: 0] += 1
        }
    }
}
