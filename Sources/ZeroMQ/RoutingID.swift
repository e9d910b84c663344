/// The name under which a ROUTER knows a peer: 1–255 bytes.
public struct RoutingID: Hashable, Sendable {
    public let bytes: [UInt8]

    /// A routing id that a peer takes for itself (`SocketOption.routingID`).
    ///
    /// Throws: `ZeroMQError.Code.valueOutOfRange` unless it has 1–255 bytes and does not start with
    /// a zero byte; libzmq keeps those for the ids that it makes up.
    public init(_ bytes: [UInt8]) throws(ZeroMQError) {
        guard (1...255).contains(bytes.count), bytes[0] != 0 else {
            throw ZeroMQError(
                code: .valueOutOfRange, operation: "making of a routing id",
                detail: "it has \(bytes.count) bytes and starts with \(bytes.first ?? 0); "
                    + "1 to 255 bytes are allowed, and the first must not be zero")
        }
        self.bytes = bytes
    }

    /// As received: libzmq's own ids start with a zero byte.
    package init(received bytes: [UInt8]) { self.bytes = bytes }

    /// 16 random bytes of which the first is not zero.
    public static func random() -> RoutingID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// 16 bytes from `generator`, of which the first is not zero.
    public static func random(using generator: inout some RandomNumberGenerator) -> RoutingID {
        let first = UInt8.random(in: 1...255, using: &generator)
        let rest = (1..<16).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return RoutingID(received: [first] + rest)
    }
}

extension RoutingID: CustomStringConvertible {
    /// The bytes in hexadecimal: they come from a peer and may hold anything.
    public var description: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
