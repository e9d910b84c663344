internal import Wire

/// Leases that were closed of late; bounded, for lease ids grow.
struct RecentLeases: Hashable, Sendable {
    static let capacity = 2 * WireLimits.heldLeases

    private var ids: Set<UInt64> = []

    func contains(_ id: UInt64) -> Bool { ids.contains(id) }

    mutating func insert(_ id: UInt64) {
        ids.insert(id)
        guard ids.count > Self.capacity else { return }
        ids = Set(ids.sorted().suffix(Self.capacity / 2))
    }

    mutating func removeAll() { ids = [] }
}
