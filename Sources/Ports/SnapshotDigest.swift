private import Crypto

/// SHA-256 over the list of the SHA-256s of an image's chunks, so that chunks verify one by one and the
/// digest can be computed in parallel.
package struct SnapshotDigest: Hashable, Sendable, CustomStringConvertible {
    /// Bytes per chunk; the last chunk may be shorter.
    package static let chunkBytes = 1 << 20

    /// 32 bytes.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        precondition(bytes.count == 32, "a snapshot digest has 32 bytes, not \(bytes.count)")
        self.bytes = bytes
    }

    package init(of image: [UInt8]) {
        self.init(chunkDigests: Self.chunkDigests(of: image))
    }

    package init(chunkDigests: [[UInt8]]) {
        var hash = SHA256()
        for digest in chunkDigests { hash.update(data: digest) }
        bytes = Array(hash.finalize())
    }

    /// The SHA-256 of each chunk of `image`, in order.
    package static func chunkDigests(of image: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: image.count, by: chunkBytes).map { start in
            sha256(image[start..<min(start + chunkBytes, image.count)])
        }
    }

    /// The plain SHA-256 of some bytes.
    package static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { Array(SHA256.hash(data: $0)) }
    }

    package var description: String { hexadecimal(bytes) }
}

/// Lower-case hexadecimal digits of `bytes`.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
