/// Which published snapshot: the learner's incarnation and the number of snapshots published so far.
///
/// `number` counts *published snapshots*, one per generation batch; 0 is the initial weights. It never
/// goes backwards, not even through a restart. `incarnation` counts the learner's starts on one run, so
/// that two learners can never mean different weights by the same version.
public struct PolicyVersion: Hashable, Sendable, Codable {
    public var incarnation: UInt32
    public var number: UInt64

    public init(incarnation: UInt32, number: UInt64) {
        self.incarnation = incarnation
        self.number = number
    }
}

extension PolicyVersion: CustomStringConvertible {
    public var description: String { "v\(number).\(incarnation)" }
}
