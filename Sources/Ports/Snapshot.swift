package import GRPO

/// Immutable weights with their version: one safetensors image, the same bytes on disk and on the wire.
package struct Snapshot: Sendable {
    package let version: PolicyVersion
    package let digest: SnapshotDigest
    /// The whole safetensors image.
    package let image: [UInt8]

    package init(version: PolicyVersion, image: [UInt8]) {
        self.version = version
        self.image = image
        digest = SnapshotDigest(of: image)
    }
}
