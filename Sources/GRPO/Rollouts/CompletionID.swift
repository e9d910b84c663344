/// Which completion: its group's ticket and its place in the group.
public struct CompletionID: Hashable, Sendable, Codable {
    public var ticket: TicketKey
    /// 0 ..< G.
    public var sample: UInt32

    public init(ticket: TicketKey, sample: UInt32) {
        self.ticket = ticket
        self.sample = sample
    }
}

extension CompletionID: CustomStringConvertible {
    public var description: String { "\(ticket), sample \(sample)" }
}
