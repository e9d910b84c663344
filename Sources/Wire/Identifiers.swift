package import GRPO

/// 32 bytes of SHA-256: the digest of a snapshot or chunk, or the fingerprint of a configuration. This
/// module only carries it; who can compute it compares.
package struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32

    /// 32 bytes.
    package let bytes: [UInt8]

    /// `nil` where there are not exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    package var description: String { hexadecimal(bytes) }
}

/// What tells one run from another, for good: 16 random bytes, made when the run is.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 16

    /// 16 bytes.
    package let bytes: [UInt8]

    /// `nil` where there are not exactly 16 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    package var description: String { hexadecimal(bytes) }
}

/// A published snapshot by name: its version, and the digest of the bytes that the version stands for.
package struct SnapshotReference: Hashable, Sendable {
    package var version: PolicyVersion
    package var digest: ContentDigest

    package init(version: PolicyVersion, digest: ContentDigest) {
        self.version = version
        self.digest = digest
    }
}

/// Lower-case hexadecimal digits of `bytes`.
private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
