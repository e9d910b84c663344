internal import GRPO
internal import Wire

/// Cuts leases into what fits one LEASE.
struct LeaseBatches: Sequence, IteratorProtocol {
    /// Of prompts and columns; far below the limit of a message.
    static let bytesMax = 8 << 20

    private var rest: ArraySlice<LeasedTicket>

    init(_ tickets: [LeasedTicket]) { rest = tickets[...] }

    mutating func next() -> [LeasedTicket]? {
        var bytes = 0
        let batch = rest.prefix(WireLimits.ticketsPerOffer).prefix { ticket in
            bytes += 4 * ticket.ticket.prompt.count + ticket.ticket.columns.utf8.count
            return bytes <= Self.bytesMax
        }
        // A single larger one goes alone.
        let count = Swift.max(batch.count, Swift.min(1, rest.count))
        guard count > 0 else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
