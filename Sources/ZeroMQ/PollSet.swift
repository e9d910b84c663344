/// Who waits for what: a plain value, without a thread or a socket.
///
/// A waiter waits for any of its interests or for its deadline, whichever is first, and is handed
/// out once. An interest has at most one waiter: two that wait for one message would race for it.
package struct PollSet<Waiter> {
    package typealias Instant = ContinuousClock.Instant

    /// An interest that already has a waiter, and what that one waits for.
    package struct Conflict: Error, Hashable {
        package let interest: Interest
        package let reason: String
    }

    /// Why and since when someone waits.
    package struct Entry {
        package let waiter: Waiter
        package let interests: [Interest]
        package let deadline: Instant?
        package let reason: String
        package let since: Instant

        package init(
            waiter: Waiter, interests: [Interest], deadline: Instant?, reason: String,
            since: Instant
        ) {
            self.waiter = waiter
            self.interests = interests
            self.deadline = deadline
            self.reason = reason
            self.since = since
        }
    }

    private var entries: [WaitID: Entry] = [:]
    private var owners: [Interest: WaitID] = [:]

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    /// The earliest deadline of all waiters.
    ///
    /// Asked before every poll. A key path in place of the closure would be made anew each time, at
    /// a tenth of the thread's work.
    package var nextDeadline: Instant? { entries.values.lazy.compactMap { $0.deadline }.min() }

    /// What anyone waits for.
    package var interests: Dictionary<Interest, WaitID>.Keys { owners.keys }

    /// All entries, the oldest first.
    package var pending: [Entry] { entries.sorted { $0.key < $1.key }.map(\.value) }

    /// Adds a waiter; an interest named twice counts once.
    ///
    /// Throws: `Conflict` when one of the interests has a waiter already; then nothing changes.
    package mutating func add(_ entry: Entry, as id: WaitID) throws(Conflict) {
        precondition(entries[id] == nil, "wait \(id) is already in the set")
        for interest in entry.interests {
            if let owner = owners[interest], let other = entries[owner] {
                throw Conflict(interest: interest, reason: other.reason)
            }
        }
        for interest in entry.interests { owners[interest] = id }
        entries[id] = entry
    }

    /// Takes a waiter out; `nil` if it was handed out before.
    package mutating func remove(_ id: WaitID) -> Waiter? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        for interest in entry.interests { owners[interest] = nil }
        return entry.waiter
    }

    /// Takes out every waiter, the oldest first.
    package mutating func removeAll() -> [Waiter] {
        defer { (entries, owners) = ([:], [:]) }
        return pending.map(\.waiter)
    }

    /// Takes out those who wait on `socket` in either direction, whatever else they wait for.
    package mutating func removeAll(on socket: SocketID) -> [Waiter] {
        let ids = Set([.readable(socket), .writable(socket)].compactMap { owners[$0] })
        return ids.sorted().compactMap { remove($0) }
    }

    /// Takes out everyone who waits for one of `ready`, the oldest first, each with its interests
    /// that are ready, in the order in which it named them.
    package mutating func fire(_ ready: Set<Interest>) -> [(waiter: Waiter, ready: [Interest])] {
        let ids = Set(ready.compactMap { owners[$0] })
        return ids.sorted().compactMap { id in
            guard let interests = entries[id]?.interests, let waiter = remove(id) else {
                return nil
            }
            return (waiter, interests.filter(ready.contains))
        }
    }

    /// Takes out those whose deadline is not after `now`, the earliest deadline first.
    package mutating func expire(at now: Instant) -> [Waiter] {
        let due = entries.compactMap { id, entry -> (Instant, WaitID)? in
            guard let deadline = entry.deadline, deadline <= now else { return nil }
            return (deadline, id)
        }
        return due.sorted { $0 < $1 }.compactMap { remove($0.1) }
    }
}
