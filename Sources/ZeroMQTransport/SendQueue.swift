internal import ZeroMQ

/// Frames that wait until a DEALER has room, in order.
struct SendQueue {
    private var frames: [[UInt8]] = []

    var isEmpty: Bool { frames.isEmpty }

    mutating func append(_ frame: [UInt8]) { frames.append(frame) }
    mutating func removeAll() { frames = [] }

    /// Sends what there is room for.
    mutating func flush(into socket: borrowing Socket) throws {
        var sent = 0
        while sent < frames.count, try socket.send(frames[sent]) { sent += 1 }
        frames.removeFirst(sent)
    }
}
