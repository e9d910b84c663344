/// Where a learner listens: `tcp://ADDRESS:PORT`, with an IPv6 address in square brackets.
package struct BindAddress: Hashable, Sendable {
    /// Without brackets.
    package var host: String
    /// 0: any free port.
    package var port: UInt16

    /// `nil`: not of that form.
    package init?(_ text: String) {
        let scheme = "tcp://"
        guard text.hasPrefix(scheme) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let colon = rest.lastIndex(of: ":") else { return nil }
        let digits = rest[rest.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
            let port = UInt16(digits), let host = Self.host(rest[..<colon])
        else { return nil }
        self.host = host
        self.port = port
    }

    private static func host(_ text: Substring) -> String? {
        if text.hasPrefix("[") && text.hasSuffix("]") {
            let inner = text.dropFirst().dropLast()
            return inner.contains(":") && isPlain(inner, and: ":%") ? String(inner) : nil
        }
        return !text.isEmpty && (text == "*" || isPlain(text, and: "_")) ? String(text) : nil
    }

    private static func isPlain(_ text: Substring, and others: String) -> Bool {
        text.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0) || others.contains($0))
        }
    }

    /// Whether only this machine can reach it. Anything that is not certainly loopback is not: a
    /// name other than `localhost` may resolve to anything.
    package var isLoopback: Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        let isFourOctets = octets.count == 4 && octets.allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || (isFourOctets && octets[0] == "127")
    }
}
