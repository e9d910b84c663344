#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Endpoint {
    /// The host of a tcp endpoint.
    enum Host: Hashable, Sendable {
        /// `*`: every interface.
        case any
        case ipv4(String)
        /// Without the brackets; perhaps with a zone, `fe80::1%eth0`.
        case ipv6(String)
        /// A host name, or at bind an interface's name.
        case name(String)
    }

    static func parseTCP(_ rest: String, in text: String) throws(EndpointError) -> Address {
        guard let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") else {
            throw EndpointError(
                endpoint: text, problem: "the port is missing; write tcp://host:port")
        }
        let port = try parsePort(rest[rest.index(after: colon)...], in: text)
        return .tcp(try parseHost(String(rest[..<colon]), in: text), port: port)
    }

    static func parseIPC(_ path: String, in text: String) throws(EndpointError) -> Address {
        guard !path.isEmpty, path != "*" else {
            throw EndpointError(endpoint: text, problem: "the path of the socket file is missing")
        }
        guard !path.hasPrefix("@") else {
            throw EndpointError(
                endpoint: text,
                problem: "abstract names have no permissions; use the path of a file")
        }
        let count = path.utf8.count
        guard count <= ipcPathBytesMax else {
            throw EndpointError(
                endpoint: text,
                problem: "the path \(path) has \(count) bytes, and the system takes at most "
                    + "\(ipcPathBytesMax); use a shorter run directory")
        }
        return .ipc(path: path)
    }

    private static func parsePort(
        _ port: Substring, in text: String
    ) throws(EndpointError) -> UInt16 {
        if port == "*" { return 0 }
        guard !port.isEmpty, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt16(port)
        else {
            throw EndpointError(
                endpoint: text, problem: "port \"\(port)\" is no number from 0 to 65535, nor *")
        }
        return number
    }

    private static func parseHost(_ host: String, in text: String) throws(EndpointError) -> Host {
        if host == "*" { return .any }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let inner = String(host.dropFirst().dropLast())
            guard bytesOfIPv6(inner) != nil else {
                throw EndpointError(endpoint: text, problem: "\(host) is no IPv6 address")
            }
            return .ipv6(inner)
        }
        guard !host.contains(":") else {
            throw EndpointError(endpoint: text, problem: "write an IPv6 address in brackets, [::1]")
        }
        if bytesOfIPv4(host) != nil { return .ipv4(host) }
        // All digits and dots is a mistyped address, which a resolver might still read as another
        // one.
        guard isHostName(host), host.contains(where: { !$0.isNumber && $0 != "." }) else {
            throw EndpointError(
                endpoint: text, problem: "\"\(host)\" is no address and no host name")
        }
        return .name(host)
    }

    private static func isHostName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count) else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy(isNameByte) && label.first != "-" && label.last != "-"
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
    }
}

extension Endpoint.Host: CustomStringConvertible {
    var description: String {
        switch self {
        case .any: "*"
        case .ipv4(let text), .name(let text): text
        case .ipv6(let text): "[\(text)]"
        }
    }

    /// The loopback address, where this means "every interface".
    var loopbackOfAny: Endpoint.Host? {
        switch self {
        case .any: .ipv4("127.0.0.1")
        case .ipv4(let text): bytesOfIPv4(text) == [0, 0, 0, 0] ? .ipv4("127.0.0.1") : nil
        case .ipv6(let text):
            bytesOfIPv6(text)?.allSatisfy({ $0 == 0 }) == true ? .ipv6("::1") : nil
        case .name: nil
        }
    }

    /// Whether nothing outside this machine reaches it. A name is trusted only when it is
    /// `localhost`.
    var isLoopback: Bool {
        switch self {
        case .any: false
        case .ipv4(let text): bytesOfIPv4(text)?.first == 127
        case .ipv6(let text): isLoopbackIPv6(bytesOfIPv6(text) ?? [])
        case .name(let text): text.lowercased() == "localhost"
        }
    }
}

/// ::1, or an IPv4 loopback address mapped into IPv6 (::ffff:127.0.0.0/104).
private func isLoopbackIPv6(_ bytes: [UInt8]) -> Bool {
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF, 127]
    return bytes == Array(repeating: 0, count: 15) + [1] || bytes.starts(with: mapped)
}

private func bytesOfIPv4(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 4)
    return inet_pton(AF_INET, text, &bytes) == 1 ? bytes : nil
}

/// The address without its zone, whose name is only checked not to be empty.
private func bytesOfIPv6(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first, parts.count == 1 || !parts[1].isEmpty else { return nil }
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET6, String(address), &bytes) == 1 ? bytes : nil
}
