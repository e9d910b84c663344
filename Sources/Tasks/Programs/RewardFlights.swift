/// A request on its way to the program.
package struct RewardSending: Hashable, Sendable {
    package var id: String
    package var request: RewardRequest
    /// From when the program can begin with it.
    package var limit: Duration
}

/// The items that a program was sent and has not answered.
struct RewardFlights: Sendable {
    private struct Flight: Hashable {
        var item: RewardQueue.Item
        /// In the order of sending.
        var number: UInt64
        /// Items in its line: they share their time.
        var lineSize: Int
        /// When its answer is overdue even if others were answered meanwhile.
        var deadline: Duration
    }

    private var flights: [String: Flight] = [:]
    /// Requests sent so far; each has the number that it was sent as for its id.
    private var sent: UInt64 = 0
    /// The first number that the running program was sent.
    private var first: UInt64 = 1

    var isEmpty: Bool { flights.isEmpty }
    var count: Int { flights.count }
    var hasSuspect: Bool { flights.count == 1 && flights.first?.value.item.isSuspect == true }

    mutating func launch(
        _ items: [RewardQueue.Item], now: Duration, limit: Duration
    ) -> [RewardSending] {
        let total = flights.count + items.count
        return items.map { item in
            sent += 1
            flights["\(sent)"] = Flight(
                item: item, number: sent, lineSize: items.count,
                deadline: now + limit * Double(total))
            return RewardSending(
                id: "\(sent)", request: item.request, limit: limit * Double(items.count))
        }
    }

    /// The item of that id, which is answered now; `nil`: it is not in flight.
    mutating func land(_ id: String) -> RewardQueue.Item? { flights.removeValue(forKey: id)?.item }

    /// Whether the running program was sent that id, which is not in flight any more.
    func wasSent(_ id: String) -> Bool {
        UInt64(id).map { first <= $0 && $0 <= sent } ?? false
    }

    /// All items, oldest first: the program that had them is gone.
    mutating func landAll() -> [RewardQueue.Item] {
        let items = flights.values.sorted { $0.number < $1.number }.map(\.item)
        flights = [:]
        first = sent + 1
        return items
    }

    /// When the program is overdue: a limit for the largest line after it was heard last, or an item's own
    /// deadline.
    func deadline(heard: Duration, item limit: Duration) -> Duration? {
        guard let line = flights.values.map(\.lineSize).max() else { return nil }
        let own = flights.values.map(\.deadline).min() ?? .zero
        return min(own, heard + limit * Double(line))
    }
}
