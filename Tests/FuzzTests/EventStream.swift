/// Events for a state machine as bytes, so that a fuzzer can change them: five bytes each, and behind the
/// first kinds a frame whose length the last two of them say.
struct EventStream: Sequence, IteratorProtocol {
    struct Event {
        /// 0 to 15; below `frameKinds`: a frame follows.
        var kind: Int
        /// Four numbers that say more.
        var arguments: [UInt8]
        var frame: ArraySlice<UInt8>

        subscript(index: Int) -> Int { Int(arguments[index]) }
    }

    static let frameKinds = 4
    /// More say nothing new and take time.
    private static let eventsMax = 200

    private var rest: ArraySlice<UInt8>
    private var count = 0

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> Event? {
        guard rest.count >= 5, count < Self.eventsMax else { return nil }
        count += 1
        let kind = Int(rest.removeFirst() % 16)
        let arguments = Array(rest.prefix(4))
        rest = rest.dropFirst(4)
        var frame: ArraySlice<UInt8> = []
        if kind < Self.frameKinds {
            frame = rest.prefix(Int(arguments[2]) | Int(arguments[3]) << 8)
            rest = rest.dropFirst(frame.count)
        }
        return Event(kind: kind, arguments: arguments, frame: frame)
    }

    /// The same events with every frame repaired.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        EventStream(bytes).flatMap { event -> [UInt8] in
            guard event.kind < frameKinds else { return [UInt8(event.kind)] + event.arguments }
            let frame = repairedFrame(Array(event.frame))
            return bytesOf(kind: event.kind, event[0], event[1], frame: frame)
        }
    }

    /// An event with a frame.
    static func bytesOf(kind: Int, _ first: Int, _ second: Int, frame: [UInt8]) -> [UInt8] {
        precondition(kind < frameKinds)
        let frame = frame.prefix(0xFFFF)
        return [
            UInt8(kind), UInt8(first), UInt8(second), UInt8(frame.count & 0xFF),
            UInt8(frame.count >> 8),
        ] + frame
    }
}

/// Inside the type the name means its own function.
private func repairedFrame(_ frame: [UInt8]) -> [UInt8] { repaired(frame) }
