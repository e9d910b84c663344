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
    public static func curveSecretKey(_ key: CurveSecretKey) -> Self { .init(.curveSecretKey, key) }
    /// This end's public key; a client needs both.
    public static func curvePublicKey(_ key: CurvePublicKey) -> Self { .init(.curvePublicKey, key) }
    /// The public key of the server that a client connects to.
    public static func curveServerKey(_ key: CurvePublicKey) -> Self { .init(.curveServerKey, key) }

    /// A server that lets in only whom the ZAP handler lists: encryption, a domain that is set
    /// *and* enforced. Each of the three alone admits strangers.
    public static func curveServer(_ key: CurveSecretKey, zapDomain: String) -> [Self] {
        precondition(!zapDomain.isEmpty, "libzmq does not enforce an empty ZAP domain")
        return [
            .curveServer(true), .curveSecretKey(key), .zapDomain(zapDomain), .zapEnforceDomain(true),
        ]
    }

    /// A client with this key pair, of the server with that public key.
    public static func curveClient(
        _ pair: CurveKeyPair, of server: CurvePublicKey
    ) -> [Self] {
        [
            .curveServerKey(server), .curvePublicKey(pair.publicKey),
            .curveSecretKey(pair.secretKey),
        ]
    }
}

extension OptionKey where Value == CurvePublicKey {
    static var curvePublicKey: Self { key(ZMQ_CURVE_PUBLICKEY, "CURVE_PUBLICKEY") }
    static var curveServerKey: Self { key(ZMQ_CURVE_SERVERKEY, "CURVE_SERVERKEY") }

    private static func key(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name, encode: { .bytes($0.bytes) },
            decode: { if case .bytes(let bytes) = $0 { CurvePublicKey(bytes) } else { nil } },
            shape: .bytes)
    }
}

extension OptionKey where Value == CurveSecretKey {
    static var curveSecretKey: Self {
        OptionKey(
            number: ZMQ_CURVE_SECRETKEY, name: "CURVE_SECRETKEY", encode: { .secret($0) },
            // A secret is never read back.
            decode: { _ in nil }, shape: .bytes)
    }
}
