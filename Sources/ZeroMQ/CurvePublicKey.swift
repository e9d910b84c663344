import CZeroMQ

/// The public half of a CURVE key: 32 bytes, which anyone may see. It prints as its Z85 text.
public struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == CurveKey.byteCount else { return nil }
        self.bytes = bytes
    }

    /// A key as 40 characters of Z85 (ZeroMQ RFC 32); `nil` for anything else.
    public init?(z85: some Collection<UInt8>) {
        var bytes = [UInt8](repeating: 0, count: CurveKey.byteCount)
        guard bytes.withUnsafeMutableBytes({ CurveKey.decode(z85, into: $0) }) else { return nil }
        self.bytes = bytes
    }

    /// A key as 40 characters of Z85 (ZeroMQ RFC 32); `nil` for anything else.
    public init?(z85: String) { self.init(z85: z85.utf8) }

    /// 40 characters of Z85.
    public var z85: String {
        bytes.withUnsafeBytes { bytes in
            CurveKey.withZ85(of: bytes) { String(decoding: $0, as: UTF8.self) }
        }
    }

    public var description: String { z85 }

    /// Whether it is printed in libzmq's manual (`zmq_curve(7)`), so that everyone has its secret.
    public var isFromManual: Bool { CurveKey.publicKeysOfManual.contains(z85) }
}

/// What both halves of a key have in common.
enum CurveKey {
    static let byteCount = 32
    static let z85Count = 40

    /// The test keys of `zmq_curve(7)`: client and server.
    static let publicKeysOfManual: Set<String> = [
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
    ]

    /// False unless `text` is 40 characters of Z85.
    static func decode(
        _ text: some Collection<UInt8>, into bytes: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard text.count == z85Count, !text.contains(0) else { return false }
        return withErasedScratch { scratch in
            scratch.copyBytes(from: text)
            scratch[z85Count] = 0
            return zmq_z85_decode(
                bytes.baseAddress, scratch.baseAddress?.assumingMemoryBound(to: CChar.self)) != nil
        }
    }

    /// Calls `body` with the 40 characters, which are erased afterwards.
    static func withZ85<Result>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withErasedScratch { scratch in
            let text = scratch.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard zmq_z85_encode(text, bytes.baseAddress, bytes.count) != nil else {
                preconditionFailure("32 bytes have a Z85 form")
            }
            return body(UnsafeRawBufferPointer(rebasing: scratch[..<z85Count]))
        }
    }

    /// Room for a Z85 text and its final zero, overwritten when `body` is done.
    static func withErasedScratch<Result>(
        _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: z85Count + 1, alignment: 1) { scratch in
            defer { czmq_erase(scratch.baseAddress, scratch.count) }
            return body(scratch)
        }
    }
}
