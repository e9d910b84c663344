/// The key of a connection, which the peer has proved to hold.
package struct PeerKey: Hashable, Sendable, CustomStringConvertible {
    /// Under which the learner lists the key.
    package let identity: String
    /// The public key as text.
    package let key: String

    package init(identity: String, key: String) {
        self.identity = identity
        self.key = key
    }

    package var description: String { identity }

    /// Whether its holder may speak for the worker of that name: the identity itself, or the
    /// identity, `@` and digits, for several processes with one key. Identities contain no `@`, so
    /// that no two of them may use one name.
    package func mayBe(_ worker: String) -> Bool {
        if worker == identity { return true }
        guard worker.hasPrefix(identity + "@") else { return false }
        let number = worker.dropFirst(identity.count + 1)
        return !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

/// What the socket knows of the sender of a message, which is not what the message claims.
package enum PeerProof: Hashable, Sendable {
    /// Nothing: the socket is local, or encryption was given up.
    case none
    case key(PeerKey)
    /// The key is not listed any more, or there is none; why, for a person.
    case unlisted(String)
}
