private import Foundation

/// Floats at a fixed address on a cache line boundary, for kernels that take pointers.
final class FloatBuffer {
    /// From here on the system is asked for large pages: touching fresh memory page by page costs
    /// more than computing with it.
    private static let largeBytes = 4 << 20
    private static let largePage = 2 << 20

    let pointer: UnsafeMutablePointer<Float>
    let count: Int

    /// Not initialised; untouched pages of a large buffer cost no memory.
    init(count: Int) {
        precondition(count >= 0)
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        let isLarge = bytes >= Self.largeBytes
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: bytes, alignment: isLarge ? Self.largePage : 64)
        #if os(Linux)
            if isLarge { madvise(raw, bytes, Int32(MADV_HUGEPAGE)) }
        #endif
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    convenience init(zeros count: Int) {
        self.init(count: count)
        clear()
    }

    deinit { pointer.deallocate() }

    var bytes: Int { count * MemoryLayout<Float>.stride }

    func clear() { pointer.update(repeating: 0, count: count) }

    func copy(from other: FloatBuffer) {
        precondition(count == other.count)
        pointer.update(from: other.pointer, count: count)
    }
}

/// A buffer that grows to the largest size asked for and keeps it.
final class GrowingBuffer {
    private var buffer = FloatBuffer(count: 0)

    /// At least `count` floats, contents undefined; the pointer holds until the next call.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
        if buffer.count < count { buffer = FloatBuffer(count: count + count / 4) }
        return buffer.pointer
    }

    /// Room for `count` numbers of two bytes.
    func reserveHalves(_ count: Int) -> UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(reserve((count + 1) / 2))
            .bindMemory(to: UInt16.self, capacity: count)
    }
}
