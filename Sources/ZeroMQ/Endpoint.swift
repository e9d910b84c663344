/// Where a socket is bound or connected: `tcp://host:port`, `ipc://path` or `inproc://name`.
///
/// The other transports that libzmq may be built with (pgm, norm, tipc, udp, vmci, ws) are refused:
/// some of them are the entrance of known bugs of 4.3.4, none is needed.
public struct Endpoint: Hashable, Sendable {
    enum Address: Hashable, Sendable {
        case tcp(Host, port: UInt16)
        case ipc(path: String)
        case inproc(name: String)
    }

    /// The longest path of an ipc endpoint, in bytes of UTF-8: `sockaddr_un` holds 108 with the
    /// final zero.
    public static let ipcPathBytesMax = 107

    let address: Address

    init(_ address: Address) { self.address = address }

    /// Parses an endpoint.
    ///
    /// tcp takes an IPv4 address, an IPv6 address in brackets, a host or interface name, or `*`
    /// (all interfaces); its port is 1–65535, or 0 or `*` for one that the system chooses at bind.
    /// Throws: `EndpointError`, which says what is wrong with the text.
    public init(_ text: String) throws(EndpointError) {
        guard !text.utf8.contains(0) else {
            throw EndpointError(endpoint: text, problem: "it contains a zero byte")
        }
        guard let separator = text.firstRange(of: "://") else {
            throw EndpointError(
                endpoint: text,
                problem: "no transport; write tcp://host:port, ipc://path or inproc://name")
        }
        let rest = String(text[separator.upperBound...])
        switch text[..<separator.lowerBound] {
        case "tcp": address = try Self.parseTCP(rest, in: text)
        case "ipc": address = try Self.parseIPC(rest, in: text)
        case "inproc":
            guard !rest.isEmpty else {
                throw EndpointError(endpoint: text, problem: "the name is empty")
            }
            address = .inproc(name: rest)
        case let other:
            throw EndpointError(
                endpoint: text,
                problem: "transport \(other) is not accepted; use tcp, ipc or inproc")
        }
    }

    /// The ipc endpoint of a socket file.
    ///
    /// Throws: `EndpointError` when the path is empty, abstract or longer than `ipcPathBytesMax`.
    public static func ipc(path: String) throws(EndpointError) -> Endpoint {
        try Endpoint("ipc://\(path)")
    }

    /// Whether only processes of this machine can reach it: ipc, inproc, and tcp on a loopback
    /// address.
    public var isLoopbackOrLocal: Bool {
        switch address {
        case .tcp(let host, _): host.isLoopback
        case .ipc, .inproc: true
        }
    }

    /// Whether the system chooses its port at bind; ask the socket for the real one
    /// (`boundEndpoint`).
    public var hasWildcardPort: Bool { port == 0 }

    /// The tcp port, 0 meaning "any free one"; `nil` for other transports.
    public var port: UInt16? {
        guard case .tcp(_, let port) = address else { return nil }
        return port
    }

    /// The socket file of an ipc endpoint; `nil` for other transports.
    public var path: String? {
        guard case .ipc(let path) = address else { return nil }
        return path
    }

    /// Where a process of this machine reaches a socket that is bound here: the loopback address for one
    /// that stands for every interface.
    public var reachableFromHere: Endpoint {
        guard case .tcp(let host, let port) = address, let loopback = host.loopbackOfAny else {
            return self
        }
        return Endpoint(.tcp(loopback, port: port))
    }

    /// Whether one can connect to it: it names one host and one port.
    public var isConnectable: Bool {
        guard case .tcp(let host, let port) = address else { return true }
        return host != .any && port != 0
    }
}

extension Endpoint: CustomStringConvertible {
    /// The form that libzmq reads.
    public var description: String {
        switch address {
        case .tcp(let host, let port): "tcp://\(host):\(port == 0 ? "*" : String(port))"
        case .ipc(let path): "ipc://\(path)"
        case .inproc(let name): "inproc://\(name)"
        }
    }
}

/// A text that is no endpoint of ours.
public struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    public var endpoint: String
    public var problem: String

    public init(endpoint: String, problem: String) {
        self.endpoint = endpoint
        self.problem = problem
    }

    public var description: String { "endpoint \"\(endpoint)\": \(problem)" }
}
