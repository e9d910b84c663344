/// A question that a socket asks about a peer that is about to connect (ZeroMQ RFC 27).
public struct ZAPRequest: Hashable, Sendable {
    /// What the peer has proved, or only claims.
    public enum Credentials: Hashable, Sendable {
        /// Nothing.
        case null
        /// A name and a password, which are not kept.
        case plain
        /// The peer has the secret half of this key.
        case curve(CurvePublicKey)
        /// Another mechanism.
        case other(mechanism: String)
    }

    /// Comes back in the reply; 1 to 255 bytes.
    public var id: [UInt8]
    /// As the socket that asks was told by `SocketOption.zapDomain`.
    public var domain: String
    /// The peer's, without its port: "10.0.0.7".
    public var address: String
    public var credentials: Credentials

    /// A request that cannot be read.
    public struct Malformed: Error, Hashable, Sendable {
        /// As far as it could be read; else empty.
        public var id: [UInt8]
        public var reason: String
    }

    static let version = Array("1.0".utf8)
    /// Bytes of a short string, and frames after the delimiter.
    private static let (stringBytesMax, framesMax) = (255, 16)

    /// Reads the frames after the delimiter: version, request id, domain, address, the peer's
    /// routing id, mechanism, credentials.
    ///
    /// Throws: `Malformed` with what is wrong; never traps.
    public init(frames: [[UInt8]]) throws(Malformed) {
        guard frames.first == Self.version else {
            throw Malformed(id: [], reason: "the version is not 1.0")
        }
        guard frames.count >= 2, (1...Self.stringBytesMax).contains(frames[1].count) else {
            throw Malformed(id: [], reason: "the request id has not 1 to 255 bytes")
        }
        id = frames[1]
        guard (6...Self.framesMax).contains(frames.count) else {
            throw Malformed(id: id, reason: "there are \(frames.count) frames, not 6 to 16")
        }
        guard frames[2...5].allSatisfy({ $0.count <= Self.stringBytesMax }) else {
            throw Malformed(id: id, reason: "a string has more than 255 bytes")
        }
        guard let domain = String(validating: frames[2], as: UTF8.self),
            let address = String(validating: frames[3], as: UTF8.self),
            let mechanism = String(validating: frames[5], as: UTF8.self)
        else { throw Malformed(id: id, reason: "a string is not UTF-8") }
        self.domain = domain
        self.address = address
        guard let credentials = Credentials(mechanism, Array(frames[6...])) else {
            throw Malformed(
                id: id, reason: "the credentials do not fit mechanism \(mechanism)")
        }
        self.credentials = credentials
    }
}

extension ZAPRequest.Credentials {
    /// `nil` where the frames are not those of the mechanism.
    fileprivate init?(_ mechanism: String, _ frames: [[UInt8]]) {
        switch mechanism {
        case "NULL":
            guard frames.isEmpty else { return nil }
            self = .null
        case "PLAIN":
            guard frames.count == 2 else { return nil }
            self = .plain
        case "CURVE":
            guard frames.count == 1, let key = CurvePublicKey(frames[0]) else { return nil }
            self = .curve(key)
        default: self = .other(mechanism: mechanism)
        }
    }
}
