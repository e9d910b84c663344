import Ports

/// Leases that the worker of a measurement holds.
struct LeasesHeld {
    var count = 0
    private var issued: UInt64 = 0

    mutating func issue(_ number: Int) -> [Lease] {
        guard number > 0 else { return [] }
        count += number
        return (0..<number).map { _ in
            issued += 1
            return Lease(id: issued, ticket: WireLoad.ticket(issued))
        }
    }
}
