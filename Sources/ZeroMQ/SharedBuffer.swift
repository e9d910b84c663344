/// Memory that messages may point into instead of copying: a mapped snapshot, an encoded chunk.
///
/// libzmq drops its reference on one of its own threads, at any time after the send, so the last
/// release, and with it `deinit`, may run on any thread.
public protocol SharedBuffer: AnyObject, Sendable {
    /// The memory: at the same place and with the same content as long as the object lives.
    var bytes: UnsafeRawBufferPointer { get }
}

/// Memory filled once and immutable from then on.
public final class OwnedBuffer: SharedBuffer {
    private let address: UInt
    private let count: Int

    /// Allocates `count` bytes and has `fill` write them; they are zero where it does not.
    public init(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        do {
            try fill(memory)
        } catch {
            memory.deallocate()
            throw error
        }
        address = UInt(bitPattern: memory.baseAddress)
        self.count = count
    }

    /// A copy of `bytes`.
    public convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    deinit { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }

    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }
}
