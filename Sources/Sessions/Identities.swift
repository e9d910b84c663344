/// Where a message came from and where the answer goes: the routing id that the learner's socket
/// knows a peer by. It names a connection, not a worker.
package struct PeerAddress: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// All bytes at once: every message is looked up by its sender.
    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// A worker: its name and which start of it.
package struct WorkerIdentity: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    /// ≥ 1; larger in every later process of the same name.
    package var incarnation: UInt64

    package init(name: String, incarnation: UInt64) {
        self.name = name
        self.incarnation = incarnation
    }

    package var description: String { "\(name) (incarnation \(incarnation))" }
}

extension String {
    /// The string, or as much of its beginning as a header of the wire takes.
    func shortened(to bytes: Int = 1_024) -> String {
        guard utf8.count > bytes else { return self }
        var result = ""
        var count = 0
        for character in self {
            count += character.utf8.count
            guard count <= bytes else { break }
            result.append(character)
        }
        return result
    }
}
