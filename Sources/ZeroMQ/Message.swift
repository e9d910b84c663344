import CZeroMQ

/// One frame: libzmq's `zmq_msg_t`, closed when the value ends.
///
/// `~Copyable`, so that a frame cannot be touched after it was closed or sent. Its bytes never
/// change; reading them is safe from any thread, and whatever alters the frame takes exclusive
/// access, so the compiler checks that it is `Sendable`.
public struct Message: ~Copyable, Sendable {
    var raw = zmq_msg_t()

    /// An empty frame; what sending leaves behind.
    public init() {
        zmq_msg_init(&raw)
    }

    /// A frame of `count` bytes that `fill` writes in place.
    public init(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        precondition(count >= 0, "a message of \(count) bytes")
        let status = zmq_msg_init_size(&raw, count)
        precondition(status == 0, "no memory is left for a message of \(count) bytes")
        do {
            try fill(UnsafeMutableRawBufferPointer(start: zmq_msg_data(&raw), count: count))
        } catch {
            zmq_msg_close(&raw)
            // Left valid, so that closing it once more is harmless.
            zmq_msg_init(&raw)
            throw error
        }
    }

    /// A frame with a copy of `bytes`.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A frame with a copy of `bytes`.
    public init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    /// A frame that points into `buffer`, without a copy; libzmq holds the buffer until the bytes
    /// are on their way, and lets go of it on one of its own threads.
    ///
    /// Only worth it for large frames: below about 64 KiB a copy is as fast.
    public init<Buffer: SharedBuffer>(sharing buffer: Buffer, range: Range<Int>? = nil) {
        let bytes = buffer.bytes
        let range = range ?? 0..<bytes.count
        precondition(
            range.lowerBound >= 0 && range.upperBound <= bytes.count,
            "bytes \(range) of a buffer of \(bytes.count)")
        guard !range.isEmpty, let base = bytes.baseAddress else {
            zmq_msg_init(&raw)
            return
        }
        let start = UnsafeMutableRawPointer(mutating: base + range.lowerBound)
        let hold = Unmanaged<AnyObject>.passRetained(buffer)
        let status = zmq_msg_init_data(
            &raw, start, range.count, { releaseBuffer($0, $1) }, hold.toOpaque())
        precondition(status == 0, "no memory is left for a message")
    }

    deinit {
        var raw = raw
        zmq_msg_close(&raw)
    }

    /// Bytes in the frame.
    public var count: Int {
        withUnsafePointer(to: raw) { zmq_msg_size($0) }
    }

    public var isEmpty: Bool { count == 0 }

    /// Whether another frame of the same message follows.
    var hasMore: Bool {
        withUnsafePointer(to: raw) { zmq_msg_more($0) != 0 }
    }

    /// Calls `body` with the bytes; they must not escape it.
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Small frames live inside zmq_msg_t itself; a bitwise copy of it is enough for reading.
        var view = raw
        let count = zmq_msg_size(&view)
        return try withUnsafeMutablePointer(to: &view) { view throws(Failure) in
            try body(UnsafeRawBufferPointer(start: zmq_msg_data(view), count: count))
        }
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

    /// A property of the connection that a received frame came by: "Peer-Address", "Socket-Type",
    /// and "User-Id" where the peer was authenticated. `nil` where the peer or libzmq did not say.
    public func property(_ name: String) -> String? {
        withUnsafePointer(to: raw) { raw in
            zmq_msg_gets(raw, name).map { String(cString: $0) }
        }
    }

    /// A second frame with the same content, which large frames share.
    public mutating func duplicate() -> Message {
        var copy = Message()
        let status = zmq_msg_copy(&copy.raw, &raw)
        precondition(status == 0, "copying of a closed message")
        return copy
    }
}

/// Called by libzmq, on any thread, when nothing refers to the bytes any more.
private func releaseBuffer(_ data: UnsafeMutableRawPointer?, _ hold: UnsafeMutableRawPointer?) {
    guard let hold else { preconditionFailure("libzmq lost the owner of a shared buffer") }
    Unmanaged<AnyObject>.fromOpaque(hold).release()
}
