package import GRPO
internal import SwiftProtobuf

/// One lease: the time-limited right to answer a ticket.
package struct LeasedTicket: Hashable, Sendable {
    /// ≥ 1; never used twice within the learner's incarnation.
    package var lease: UInt64
    package var ticket: Ticket
    /// From receipt, on the worker's monotonic clock. Whole milliseconds travel.
    package var deadline: Duration

    package init(lease: UInt64, ticket: Ticket, deadline: Duration) {
        self.lease = lease
        self.ticket = ticket
        self.deadline = deadline
    }
}

/// LEASE: tickets handed out to one worker.
package struct LeaseOffer: Hashable, Sendable {
    /// ≥ 1; the learner's LEASEs and DRAINs are numbered within a session.
    package var sequence: UInt64
    /// 1 to 512, no lease twice.
    package var tickets: [LeasedTicket]

    package init(sequence: UInt64, tickets: [LeasedTicket]) {
        self.sequence = sequence
        self.tickets = tickets
    }
}

extension LeaseOffer: Command {
    init(_ header: ProtoLease, payload: PayloadReader) throws(WireError) {
        sequence = header.sequence
        tickets = []
        let count = header.tickets.count
        try Self.check(count: count)
        let promptLengths: [UInt32] = try payload.vector("prompt_lengths", count: count)
        let columnLengths: [UInt32] = try payload.vector("column_lengths", count: count)
        // 512 lengths of 32 bits cannot overflow an Int.
        let promptTotal = promptLengths.reduce(0) { $0 + Int($1) }
        let columnTotal = columnLengths.reduce(0) { $0 + Int($1) }
        var prompts = try payload.vector("prompts", of: Int32.self, count: promptTotal)[...]
        var columns = try payload.vector("columns", of: UInt8.self, count: columnTotal)[...]
        for (index, leased) in header.tickets.enumerated() {
            try requirePresent(leased.hasKey, "the key of ticket \(index)")
            try requirePresent(leased.hasVersion, "the version of ticket \(index)")
            let prompt = prompts.prefix(Int(promptLengths[index]))
            let text = columns.prefix(Int(columnLengths[index]))
            prompts = prompts.dropFirst(prompt.count)
            columns = columns.dropFirst(text.count)
            guard let text = String(validating: text, as: UTF8.self) else {
                throw WireError(.badValue, "the columns of ticket \(index) are not UTF-8")
            }
            let ticket = Ticket(
                key: TicketKey(leased.key), ordinal: leased.ordinal,
                version: PolicyVersion(leased.version), prompt: Array(prompt), columns: text)
            tickets.append(
                LeasedTicket(
                    lease: leased.lease, ticket: ticket, deadline: .milliseconds(leased.deadlineMs))
            )
        }
    }

    private static func check(count: Int) throws(WireError) {
        try WireError.require(count > 0, "a LEASE has no tickets")
        try WireError.check(
            count, atMost: WireLimits.ticketsPerOffer, "the number of tickets in a LEASE")
    }

    func check() throws(WireError) {
        try WireError.require(sequence > 0, "a LEASE has the sequence 0")
        try Self.check(count: tickets.count)
        try WireError.require(
            Set(tickets.lazy.map(\.lease)).count == tickets.count, "a LEASE names a lease twice")
        for leased in tickets {
            try WireError.require(leased.lease > 0, "a LEASE hands out the lease 0")
            try Wire.check(
                tokens: leased.ticket.prompt, of: "the prompt of lease \(leased.lease)",
                atMost: WireLimits.tokensPerPrompt)
            try WireError.check(
                leased.ticket.columns.utf8.count, atMost: WireLimits.columnsBytes,
                "the length of the columns of lease \(leased.lease)")
            _ = try leased.deadline.milliseconds("the deadline of lease \(leased.lease)")
        }
    }

    func describe(in header: inout ProtoLease, payload: inout PayloadWriter) {
        header.sequence = sequence
        header.tickets = tickets.map { leased in
            .with {
                $0.lease = leased.lease
                $0.key = leased.ticket.key.header
                $0.ordinal = leased.ticket.ordinal
                $0.version = leased.ticket.version.header
                $0.deadlineMs = leased.deadline.checkedMilliseconds
            }
        }
        payload.add("prompt_lengths", tickets.map { UInt32($0.ticket.prompt.count) })
        payload.add("prompts", tickets.flatMap(\.ticket.prompt))
        payload.add("column_lengths", tickets.map { UInt32($0.ticket.columns.utf8.count) })
        payload.add("columns", tickets.flatMap(\.ticket.columns.utf8)[...])
    }
}
