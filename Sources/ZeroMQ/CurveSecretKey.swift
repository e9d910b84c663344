import CZeroMQ

/// The secret half of a CURVE key: 32 bytes in one place, which are overwritten when the last
/// reference to it ends. It prints as its kind only, so that it never lands in a log.
///
/// libzmq keeps a copy of its own in each socket that uses it.
public final class CurveSecretKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// A number, because the memory is never written again and so is safe to read on any thread,
    /// which a pointer's type cannot say.
    private let address: UInt

    /// A key as 40 characters of Z85 (ZeroMQ RFC 32); `nil` for anything else. The caller erases
    /// its own copy of the text.
    public init?(z85: some Collection<UInt8>) {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: CurveKey.byteCount, alignment: 8)
        address = UInt(bitPattern: memory.baseAddress)
        guard CurveKey.decode(z85, into: memory) else { return nil }
    }

    deinit {
        guard let memory = UnsafeMutableRawPointer(bitPattern: address) else { return }
        czmq_erase(memory, CurveKey.byteCount)
        memory.deallocate()
    }

    /// Calls `body` with the 32 bytes; they must not escape it.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(
            UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: address), count: CurveKey.byteCount))
    }

    /// Overwrites memory that held a secret.
    package static func erase(_ memory: UnsafeMutableRawBufferPointer) {
        czmq_erase(memory.baseAddress, memory.count)
    }

    /// Calls `body` with 40 characters of Z85, which are overwritten when it is done.
    public func withZ85<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes { CurveKey.withZ85(of: $0, body) }
    }

    /// The public half that belongs to it.
    ///
    /// Throws: `ZeroMQError.Code.notSupported` where libzmq was built without CURVE.
    public func publicKey() throws(ZeroMQError) -> CurvePublicKey {
        var text = [CChar](repeating: 0, count: CurveKey.z85Count + 1)
        let status = withUnsafeBytes { bytes in
            CurveKey.withErasedScratch { scratch in
                let secret = scratch.baseAddress?.assumingMemoryBound(to: CChar.self)
                _ = zmq_z85_encode(secret, bytes.baseAddress, bytes.count)
                return zmq_curve_public(&text, secret)
            }
        }
        guard status == 0 else { throw ZeroMQError.last("derivation of a public CURVE key") }
        return text.publicKey
    }

    public var description: String { "secret CURVE key" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A new pair of CURVE keys, or one that was read.
public struct CurveKeyPair: Sendable {
    public let publicKey: CurvePublicKey
    public let secretKey: CurveSecretKey

    /// The pair that a secret key is half of.
    ///
    /// Throws: `ZeroMQError.Code.notSupported` where libzmq was built without CURVE.
    public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
        publicKey = try secretKey.publicKey()
        self.secretKey = secretKey
    }

    private init(publicKey: CurvePublicKey, secretKey: CurveSecretKey) {
        (self.publicKey, self.secretKey) = (publicKey, secretKey)
    }

    /// Throws: `ZeroMQError.Code.notSupported` where libzmq was built without CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var text = [CChar](repeating: 0, count: CurveKey.z85Count + 1)
        let secret = CurveKey.withErasedScratch { scratch -> CurveSecretKey? in
            let memory = scratch.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard zmq_curve_keypair(&text, memory) == 0 else { return nil }
            return CurveSecretKey(z85: scratch.prefix(CurveKey.z85Count))
        }
        guard let secret else { throw ZeroMQError.last("generation of a CURVE key pair") }
        return CurveKeyPair(publicKey: text.publicKey, secretKey: secret)
    }
}

extension [CChar] {
    /// Of a text that libzmq has written.
    fileprivate var publicKey: CurvePublicKey {
        guard let key = CurvePublicKey(z85: prefix(CurveKey.z85Count).map(UInt8.init(bitPattern:)))
        else { preconditionFailure("libzmq made a key that is no Z85 text of 40 characters") }
        return key
    }
}
