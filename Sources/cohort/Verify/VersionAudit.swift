import Ports

/// The versions of a run: never backwards, and one digest per number whatever the incarnation.
struct VersionAudit {
    private(set) var digests: [Int64: [UInt8]] = [:]
    /// Number of the first version recorded.
    private(set) var first: Int64?
    private(set) var newest: (number: Int64, accounting: GroupAccounting)?
    /// Lines of `metrics.jsonl`, by version.
    private(set) var metrics: [Int64: [String]] = [:]
    private(set) var count = 0
    /// Incarnations that published.
    private(set) var incarnations = 0
    private var last: (number: Int64, incarnation: Int64)?

    mutating func take(_ row: LedgerRow, incarnation: Int64, steps: [Int64]) throws {
        let (number, own) = (try row.integer("version"), try row.integer("incarnation"))
        guard own == incarnation else {
            throw violation(
                row.place, "incarnation \(own) published in the time of incarnation \(incarnation)")
        }
        try checkOrder(row, number, own)
        if number > first ?? number, (steps.last ?? -1) < number - 1 {
            throw violation(
                row.place, "version \(number) was published without batch \(number - 1)")
        }
        let digest = try row.bytes("digest")
        guard digests[number, default: digest] == digest else {
            throw violation(
                row.place, "version \(number) has another digest than in an earlier incarnation")
        }
        digests[number] = digest
        first = first ?? number
        if number >= newest?.number ?? 0 {
            newest = (number, try row.json("accounting", as: GroupAccounting.self))
        }
        let text = try row.text("metrics")
        if !text.isEmpty { metrics[number, default: []].append(text) }
        count += 1
    }

    /// One after the other within an incarnation; a new one starts at a version that there was, or next to
    /// it.
    private mutating func checkOrder(_ row: LedgerRow, _ number: Int64, _ incarnation: Int64) throws
    {
        defer { last = (number, incarnation) }
        if incarnation != last?.incarnation { incarnations += 1 }
        guard let last else { return }
        let isNext = number == last.number + 1
        let isRestart =
            incarnation > last.incarnation && number >= first ?? 0
            && number <= (newest?.number ?? 0) + 1
        guard isNext || isRestart else {
            throw violation(row.place, "version \(number) follows version \(last.number)")
        }
    }
}
