package import Ports

// Written out by hand for two reasons: a dictionary with integer keys would be encoded in an order that
// differs from process to process, and what is read from a file may say anything.
extension LearnerProgress {
    private enum CodingKeys: String, CodingKey {
        case step, incarnation, nextOrdinal, pending, optimizerSteps, tokens, accounting
    }

    private struct Pending: Codable {
        var ordinal: UInt64
        var attempt: UInt32
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(step, forKey: .step)
        try container.encode(incarnation, forKey: .incarnation)
        try container.encode(nextOrdinal, forKey: .nextOrdinal)
        let entries = pending.sorted { $0.key < $1.key }
        try container.encode(
            entries.map { Pending(ordinal: $0.key, attempt: $0.value) }, forKey: .pending)
        try container.encode(optimizerSteps, forKey: .optimizerSteps)
        try container.encode(tokens, forKey: .tokens)
        try container.encode(accounting, forKey: .accounting)
    }

    /// Throws `DecodingError` also for counts that no run can have.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let entries = try container.decode([Pending].self, forKey: .pending)
        self.init(
            step: try container.decode(Int.self, forKey: .step),
            incarnation: try container.decode(UInt32.self, forKey: .incarnation),
            nextOrdinal: try container.decode(UInt64.self, forKey: .nextOrdinal),
            pending: Dictionary(entries.map { ($0.ordinal, $0.attempt) }) { max($0, $1) },
            optimizerSteps: try container.decode(Int.self, forKey: .optimizerSteps),
            tokens: try container.decode(Int.self, forKey: .tokens),
            accounting: try container.decode(GroupAccounting.self, forKey: .accounting))
        if let defect {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: defect))
        }
    }

    private var defect: String? {
        guard step >= 0, optimizerSteps >= 0, tokens >= 0 else { return "a count is negative" }
        guard pending.keys.allSatisfy({ $0 < nextOrdinal }) else {
            return "a pending ordinal is not before nextOrdinal \(nextOrdinal)"
        }
        return accounting.isPlausible ? nil : "the group accounting does not balance"
    }
}

extension GroupAccounting {
    /// Balanced, without a negative count, and far from overflow.
    fileprivate var isPlausible: Bool {
        let counts = [
            issued, leased, received, consumed, reissued, duplicateCopies, malformedCopies,
            unknownCopies,
        ]
        return (counts + dropped.values).allSatisfy { (0..<1 << 48).contains($0) } && isBalanced
    }
}
