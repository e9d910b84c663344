/// Where every group of a run is. A group is one ticket key; a second copy of it is counted apart.
package struct GroupAccounting: Hashable, Sendable, Codable {
    /// Tickets ever made; a ticket is issued by being leased for the first time.
    package var issued = 0
    /// Out at a worker, or waiting to be taken again.
    package var leased = 0
    /// In the learner's memory: being scored, or on the way to the journal.
    package var received = 0
    /// Durable, and waiting for its batch.
    package var journaled = 0
    /// Trained on.
    package var consumed = 0
    /// By the raw value of `DropCause`.
    package var dropped: [String: Int] = [:]
    /// How often a lost or expired ticket was given to another worker.
    package var reissued = 0
    /// Second copies of groups that were taken before.
    package var duplicateCopies = 0
    /// Messages that claimed to answer a ticket and did not.
    package var malformedCopies = 0
    /// Messages that answer no ticket of this learner.
    package var unknownCopies = 0
    /// Groups of tickets that had been given up before they came.
    package var lateCopies = 0

    package init() {}

    enum CodingKeys: String, CodingKey {
        case issued, leased, received, journaled, consumed, dropped, reissued
        case duplicateCopies = "duplicate_copies"
        case malformedCopies = "malformed_copies"
        case unknownCopies = "unknown_copies"
        case lateCopies = "late_copies"
    }

    package var droppedTotal: Int { dropped.values.reduce(0, +) }

    package mutating func drop(_ cause: DropCause) { dropped[cause.rawValue, default: 0] += 1 }

    /// Sets what no group's state depends on: how often things came again or for nothing.
    package mutating func takeCopies(from other: GroupAccounting) {
        reissued = other.reissued
        duplicateCopies = other.duplicateCopies
        malformedCopies = other.malformedCopies
        unknownCopies = other.unknownCopies
        lateCopies = other.lateCopies
    }

    /// `issued = leased + received + journaled + consumed + Σ dropped` holds at every instant.
    package var isBalanced: Bool {
        issued == leased + received + journaled + consumed + droppedTotal
    }
}
