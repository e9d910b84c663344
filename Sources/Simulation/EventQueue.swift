/// Events by virtual time; those of one instant in the order in which they were scheduled.
///
/// Most are due in a moment, and some thousands wait for much later. Those lie in a heap of their own, so that
/// the many pass through a small one.
struct EventQueue<Event> {
    private var soon = EventHeap()
    private var later = EventHeap()
    /// What is due by then is in `soon`, everything else in `later`.
    private var horizon = Duration.zero.attoseconds
    /// Events lie apart from the heaps, which move small entries only.
    private var slots: [Event?] = []
    private var free: [Int] = []
    private var sequence: UInt64 = 0

    mutating func schedule(_ event: Event, at time: Duration) {
        sequence += 1
        insert(.init(time: time.attoseconds, sequence: sequence, slot: takeSlot(for: event)))
    }

    mutating func popFirst() -> (time: Duration, event: Event)? {
        if soon.isEmpty { advance() }
        guard let first = soon.popFirst() else { return nil }
        free.append(first.slot)
        return (Duration(attoseconds: first.time), slots[first.slot].take()!)
    }

    private mutating func insert(_ entry: EventHeap.Entry) {
        if entry.time <= horizon { soon.insert(entry) } else { later.insert(entry) }
    }

    /// Moves the horizon a little beyond the next event.
    private mutating func advance() {
        guard let next = later.first else { return }
        horizon = next.time + Duration.milliseconds(50).attoseconds
        while let first = later.first, first.time <= horizon { soon.insert(later.popFirst()!) }
    }

    private mutating func takeSlot(for event: Event) -> Int {
        guard let slot = free.popLast() else {
            slots.append(event)
            return slots.count - 1
        }
        slots[slot] = event
        return slot
    }
}
