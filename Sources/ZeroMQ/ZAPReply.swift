/// The answer to a `ZAPRequest` (ZeroMQ RFC 27).
public struct ZAPReply: Hashable, Sendable {
    public enum Status: Int, Hashable, Sendable {
        case accepted = 200
        /// Not now. libzmq closes the connection without a word, and the peer tries again.
        case tryAgain = 300
        /// Refused. libzmq tells the peer, whose socket then never tries again.
        case denied = 400
        case failed = 500
    }

    public var status: Status
    /// For a person.
    public var text: String
    /// What `Message.property("User-Id")` says of every message of the connection.
    public var userID: String
    /// More properties of the connection; names and values of at most 255 bytes.
    public var metadata: [String: String]

    /// The peer may connect, under this name.
    public static func accepted(
        as userID: String, metadata: [String: String] = [:]
    ) -> ZAPReply {
        ZAPReply(status: .accepted, text: "OK", userID: userID, metadata: metadata)
    }

    /// The peer may not connect.
    public static func refused(_ status: Status, _ text: String) -> ZAPReply {
        precondition(status != .accepted, "a refusal is not acceptance")
        return ZAPReply(status: status, text: text, userID: "", metadata: [:])
    }

    /// The frames after the delimiter: version, request id, status code, status text, user id,
    /// metadata as in a ZMTP command.
    func frames(for id: [UInt8]) -> [[UInt8]] {
        [
            ZAPRequest.version, id, Array("\(status.rawValue)".utf8), Self.short(text),
            Self.short(userID), encodedMetadata,
        ]
    }

    private var encodedMetadata: [UInt8] {
        metadata.sorted { $0.key < $1.key }.flatMap { name, value in
            let (name, value) = (Self.short(name), Self.short(value))
            return [UInt8(name.count)] + name + [0, 0, 0, UInt8(value.count)] + value
        }
    }

    /// libzmq breaks the handshake off where a short string is longer.
    private static func short(_ text: String) -> [UInt8] { Array(text.utf8.prefix(255)) }
}
