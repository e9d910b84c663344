import CZeroMQ

extension SocketOption {
    /// Makes this end the CURVE server: it needs `curveSecretKey`, and a ZAP handler that says who
    /// may connect, or else everyone may.
    public static func curveServer(_ isOn: Bool) -> Self { .init(.curveServer, isOn) }
    /// The domain that the ZAP handler is asked about; not empty.
    public static func zapDomain(_ name: String) -> Self { .init(.zapDomain, name) }
    /// Refuse peers when no ZAP handler answers. Without it, and without a domain, an encrypted
    /// socket accepts unknown keys.
    public static func zapEnforceDomain(_ isOn: Bool) -> Self { .init(.zapEnforceDomain, isOn) }
    /// This end's secret key.
    public static func curveSecretKey(_ key: CurveKey) -> Self { .init(.curveSecretKey, key) }
    /// This end's public key; a client needs both.
    public static func curvePublicKey(_ key: CurveKey) -> Self { .init(.curvePublicKey, key) }
    /// The public key of the server that a client connects to.
    public static func curveServerKey(_ key: CurveKey) -> Self { .init(.curveServerKey, key) }
}

extension OptionKey where Value == CurveKey {
    static var curveSecretKey: Self { key(ZMQ_CURVE_SECRETKEY, "CURVE_SECRETKEY") }
    static var curvePublicKey: Self { key(ZMQ_CURVE_PUBLICKEY, "CURVE_PUBLICKEY") }
    static var curveServerKey: Self { key(ZMQ_CURVE_SERVERKEY, "CURVE_SERVERKEY") }

    private static func key(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name, encode: { .bytes($0.bytes) },
            decode: { if case .bytes(let bytes) = $0 { CurveKey(bytes) } else { nil } },
            shape: .bytes)
    }
}

/// A CURVE key, public or secret: 32 bytes. It prints as its kind only, so that it never lands in a
/// log.
public struct CurveKey: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// A key as 40 characters of Z85 (ZeroMQ RFC 32); `nil` for anything else.
    public init?(z85: String) {
        guard z85.utf8.count == 40, !z85.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        guard zmq_z85_decode(&bytes, z85) != nil else { return nil }
        self.bytes = bytes
    }

    /// 40 characters of Z85.
    public var z85: String {
        var text = [CChar](repeating: 0, count: 41)
        guard zmq_z85_encode(&text, bytes, bytes.count) != nil else {
            preconditionFailure("32 bytes have a Z85 form")
        }
        return String(decoding: text.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public var description: String { "CURVE key" }
}

/// A new pair of CURVE keys.
public struct CurveKeyPair: Sendable {
    public let publicKey: CurveKey
    public let secretKey: CurveKey

    /// Throws: `ZeroMQError.Code.notSupported` where libzmq was built without CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var texts = ([CChar](repeating: 0, count: 41), [CChar](repeating: 0, count: 41))
        guard zmq_curve_keypair(&texts.0, &texts.1) == 0 else {
            throw ZeroMQError.last("generation of a CURVE key pair")
        }
        let keys = [texts.0, texts.1].map { text in
            CurveKey(
                z85: String(decoding: text.prefix(40).map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        guard let publicKey = keys[0], let secretKey = keys[1] else {
            preconditionFailure("libzmq made a key that is no Z85 text of 40 characters")
        }
        return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }
}
