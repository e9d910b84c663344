import Synchronization
import Testing
import ZeroMQ

/// A buffer that counts how many of its kind are alive.
final class CountedBuffer: SharedBuffer {
    let owned: OwnedBuffer
    let alive: Counter

    final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        var count: Int { value.load(ordering: .acquiring) }
        func add(_ difference: Int) { value.add(difference, ordering: .acquiringAndReleasing) }
    }

    init(_ bytes: [UInt8], alive: Counter) {
        owned = OwnedBuffer(bytes)
        self.alive = alive
        alive.add(1)
    }

    deinit { alive.add(-1) }

    var bytes: UnsafeRawBufferPointer { owned.bytes }
}

@Suite("Messages")
struct MessageTests {
    // libzmq keeps up to 33 bytes inside zmq_msg_t, and more on the heap.
    @Test("Bytes come back as they went in", arguments: [0, 1, 32, 33, 34, 64, 8192, 1 << 20])
    func roundTrip(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let message = Message(bytes)
        #expect(message.count == count && message.isEmpty == (count == 0))
        #expect(message.bytes == bytes)
        var copy = Message()
        bytes.withUnsafeBytes { copy = Message(copying: $0) }
        #expect(copy.bytes == bytes)
        let filled = Message(count: count) { $0.copyBytes(from: bytes) }
        #expect(filled.withUnsafeBytes { $0.elementsEqual(bytes) })
    }

    @Test("A fill that throws leaves nothing behind")
    func throwingFill() {
        struct Refusal: Error {}
        #expect(throws: Refusal.self) { _ = try Message(count: 4096) { _ in throw Refusal() } }
    }

    @Test("A duplicate has the same bytes and lives on its own", arguments: [5, 5000])
    func duplicate(_ count: Int) {
        let bytes = [UInt8](repeating: 9, count: count)
        var message = Message(bytes)
        let second = message.duplicate()
        message = Message()
        #expect(second.bytes == bytes && message.isEmpty)
    }

    @Test("A shared buffer is not copied, and is let go with the last message that points into it")
    func sharing() {
        let alive = CountedBuffer.Counter()
        let start = sharedAndDropped(alive)
        #expect(start && alive.count == 0)
    }

    private func sharedAndDropped(_ alive: CountedBuffer.Counter) -> Bool {
        let buffer = CountedBuffer(Array(0...255), alive: alive)
        let address = UInt(bitPattern: buffer.bytes.baseAddress)
        var message = Message(sharing: buffer, range: 100..<200)
        let isInPlace =
            message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == address + 100
        let second = message.duplicate()
        message = Message()
        return isInPlace && alive.count == 1 && second.bytes == Array(100..<200)
    }

    @Test("An empty range of a shared buffer is an empty message that holds nothing")
    func emptyRange() {
        let alive = CountedBuffer.Counter()
        let message = Message(sharing: CountedBuffer([1, 2], alive: alive), range: 1..<1)
        #expect(message.isEmpty && alive.count == 0)
    }

    @Test(
        "Shared buffers are let go after send, receive, drop and close: none is left at the end",
        arguments: ["inproc://released", "tcp://127.0.0.1:*"])
    func releasedAfterUse(_ endpoint: String) async throws {
        let alive = CountedBuffer.Counter()
        try await withSockets { thread, context in
            let options: [SocketOption] = [.sndhwm(4), .rcvhwm(4), .linger(.zero)]
            let pull = try await thread.peer(.pull, in: context, options)
            let push = try await thread.peer(.push, in: context, options)
            let bound = try await pull.bind(endpoint)
            try await push.use { try $0.connect(bound) }
            // The first arrives; then the queues are filled and never read.
            #expect(try await push.use { try $0.sendShared(1 << 16, alive) })
            #expect(try await pull.receive().count == 1 << 16)
            let sent = try await push.use { try $0.fill(alive, upTo: 10_000) }
            // How many depends on what the sender has heard of the first one's receipt.
            #expect(sent > 0 && sent < 10_000)
            // In process the queues hold the buffers themselves; TCP has written some of them
            // already.
            if bound.port == nil { #expect(alive.count == sent) }
        }
        #expect(alive.count == 0)
    }
}

extension Socket {
    fileprivate borrowing func sendShared(
        _ count: Int, _ alive: CountedBuffer.Counter
    ) throws -> Bool {
        let bytes = [UInt8](repeating: 1, count: count)
        var message = Message(sharing: CountedBuffer(bytes, alive: alive))
        return try send(&message)
    }

    /// Sends large shared buffers until the queue is full; how many went.
    fileprivate borrowing func fill(_ alive: CountedBuffer.Counter, upTo limit: Int) throws -> Int {
        for number in 0..<limit where try !sendShared(1 << 20, alive) { return number }
        return limit
    }
}
