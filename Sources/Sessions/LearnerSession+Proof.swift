internal import Wire

// Identity is the connection's key, never what a message or a routing id claims.

extension LearnerSession {
    /// Ends the sessions of workers whose keys are not listed any more.
    package mutating func expel(unless isListed: (PeerKey) -> Bool) -> [Action] {
        early = early.filter { _, hello in
            if case .key(let key) = hello.proof { isListed(key) } else { true }
        }
        return livePlaces.flatMap { place -> [Action] in
            guard let key = records[place].key, !isListed(key) else { return [] }
            let reason = "its key was taken off the learner's list"
            return [reject(.notAuthorized, reason, to: records[place].address)]
                + lose(place, cause: reason)
        }
    }

    /// The refusal of a message that its sender has no right to, or `nil`. With
    /// `ZMQ_ROUTER_HANDOVER` whoever may connect can take another's routing id over.
    mutating func refusal(
        of message: WorkerMessage, from address: PeerAddress, with proof: PeerProof
    ) -> [Action]? {
        let reason: String
        switch proof {
        case .none: return nil
        case .unlisted(let why): reason = why
        case .key(let key):
            guard let name = name(of: message, from: address), !key.mayBe(name) else { return nil }
            reason =
                "the key of this connection is that of \(key), which may call itself \(key) or "
                + "\(key)@NUMBER, not \(name)"
        }
        return [reject(.notAuthorized, reason, type: message.type, to: address)]
    }

    private func name(of message: WorkerMessage, from address: PeerAddress) -> String? {
        if case .hello(let hello) = message.command { return hello.worker }
        return places.place(at: address).map { records[$0].identity.name }
    }
}
