internal import GRPO
internal import Ports

/// What a journal says, read in the plainest way: by who has nothing to do with how the learner reads it.
struct JournalBooks {
    private var groups: [TicketKey: Group] = [:]
    private var dropped: Set<TicketKey> = []
    private var consumed: Set<TicketKey> = []
    private var byOrdinal: [UInt64: TicketKey] = [:]
    private(set) var batches: [[TicketKey]] = []
    /// Durable, without a batch.
    private(set) var waiting: Set<TicketKey> = []

    func hasGroup(_ key: TicketKey) -> Bool { groups[key] != nil }
    func hasDropped(_ key: TicketKey) -> Bool { dropped.contains(key) }

    /// Whether the group has not been lost.
    func knows(_ key: TicketKey) -> Bool {
        consumed.contains(key) || waiting.contains(key) || dropped.contains(key)
    }

    /// Answers with what is wrong with the entry; `nil` where nothing is.
    mutating func add(_ entry: JournalEntry) -> String? {
        switch entry {
        case .group(let group, _):
            guard groups.updateValue(group, forKey: group.key) == nil else {
                return "\(group.key) was journaled twice"
            }
            waiting.insert(group.key)
            byOrdinal[group.ordinal] = group.key
        case .drop(let ticket):
            guard dropped.insert(ticket.key).inserted, !consumed.contains(ticket.key) else {
                return "\(ticket.key) was dropped twice, or after it was trained on"
            }
            waiting.remove(ticket.key)
        case .batch(let step, let members):
            let keys = members.compactMap { byOrdinal[$0] }
            guard step == batches.count, keys.count == members.count, waiting.isSuperset(of: keys) else {
                return "batch \(step) does not consist of groups that wait"
            }
            waiting.subtract(keys)
            consumed.formUnion(keys)
            batches.append(keys)
        case .version(let published):
            guard published.version.number <= UInt64(batches.count) else {
                return "\(published.version) is in the journal before its batch"
            }
        case .start, .checkpoint: break
        }
        return nil
    }

    /// The weights that the batches make, one after the other.
    func weights(from first: UInt64) -> UInt64 {
        batches.reduce(first) { weights, keys in Pretence.weights(after: weights, keys.map { groups[$0]! }) }
    }
}
