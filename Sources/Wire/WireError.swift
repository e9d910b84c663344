/// Why bytes are not a message, or a value cannot be one.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The names that `protocols/1-ROLLOUT.md`, "Order of checks", and the vectors use.
    package enum Code: String, Sendable, CaseIterable {
        case truncated
        case badMagic = "bad_magic"
        case headerTooLarge = "header_too_large"
        case headerChecksum = "header_checksum"
        case unsupportedMajor = "unsupported_major"
        case unknownType = "unknown_type"
        case malformedHeader = "malformed_header"
        case badDescriptor = "bad_descriptor"
        case payloadLength = "payload_length"
        case payloadChecksum = "payload_checksum"
        case missingField = "missing_field"
        case badField = "bad_field"
        case limitExceeded = "limit_exceeded"
        case badTensor = "bad_tensor"
        case badValue = "bad_value"
    }

    package let code: Code
    /// One sentence: what is wrong, and where.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension WireError {
    /// Throws `limitExceeded` where `value` is larger than `limit`.
    package static func check(
        _ value: Int, atMost limit: Int, _ what: @autoclosure () -> String
    ) throws(WireError) {
        guard value <= limit else {
            throw WireError(.limitExceeded, "\(what()) is \(value); at most \(limit) is allowed")
        }
    }

    /// Throws `badField` where `condition` is false.
    static func require(
        _ condition: Bool, _ sentence: @autoclosure () -> String
    ) throws(WireError) {
        guard condition else { throw WireError(.badField, sentence()) }
    }

    /// Throws `limitExceeded` where a string of a header is too long.
    static func check(string: String, _ what: @autoclosure () -> String) throws(WireError) {
        try check(string.utf8.count, atMost: WireLimits.stringBytes, "the length of \(what())")
    }
}
