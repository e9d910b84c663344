internal import Sessions
internal import Synchronization
package import ZeroMQ

/// Decides who may connect, recognises who sends a message, and counts and reports whom it refuses. Used
/// from several threads.
package final class Gatekeeper: Sendable {
    /// Under which a connection's messages tell its key.
    private static let keyProperty = "Cohort-Key"

    private struct State {
        var counters = SecurityCounters()
        /// Keys that a test of ours is about to try, and whether they were asked about.
        var strangers: [CurvePublicKey: Bool] = [:]
        var log = RefusalLog()
        var failure: (any Error)?
    }

    let security: LearnerSecurity
    private let note: @Sendable (String) -> Void
    private let state = Mutex(State())

    package init(_ security: LearnerSecurity, note: @escaping @Sendable (String) -> Void = { _ in }) {
        self.security = security
        self.note = note
    }

    var counters: SecurityCounters { state.withLock { $0.counters } }

    // MARK: At the handshake

    /// A refused key may try again: the list can change at any time. Denied for good, libzmq's client would
    /// never reconnect; told to try again later, it does so once its own handshake interval has passed.
    package func judge(_ request: ZAPRequest) -> ZAPReply {
        guard request.domain == LinkOptions.zapDomain, case .curve(let key) = request.credentials
        else {
            refuse(\.otherRequests, "a connection without a CURVE key", from: request.address)
            return .refused(.denied, "a CURVE key is needed")
        }
        if key.isFromManual {
            refuse(\.manualKeys, "a test key of libzmq's manual", from: request.address)
            return .refused(.tryAgain, "everyone has this key")
        }
        guard let identity = identity(of: key) else {
            // For good, so that the test need not wait.
            if markStranger(key) { return .refused(.denied, "a stranger, for a test") }
            refuse(\.unknownKeys, "the unknown key \(key)", from: request.address)
            return .refused(.tryAgain, "the key is not on the list")
        }
        state.withLock { $0.counters.admitted += 1 }
        return .accepted(as: identity, metadata: [Self.keyProperty: key.z85])
    }

    /// Looks once more at the files before it calls a key unknown.
    private func identity(of key: CurvePublicKey) -> String? {
        if let identity = security.workers.identity(of: key) { return identity }
        security.workers.reread()
        return security.workers.identity(of: key)
    }

    /// The handler has ended: nobody new gets in any more, so the link should end too.
    func fail(_ error: any Error) { state.withLock { $0.failure = error } }

    var failure: (any Error)? { state.withLock { $0.failure } }

    /// A handshake that ended before anybody's key was asked about, or otherwise.
    func hear(_ event: MonitorEvent) {
        switch event.kind {
        case .handshakeFailedProtocol(.mechanismMismatch):
            refuse(
                \.mechanismMismatches, "a connection that does not encrypt with CURVE", from: "")
        // The peer left, or took too long; also what becomes of a key that was told to try again.
        case .handshakeFailed: state.withLock { $0.counters.unfinishedHandshakes += 1 }
        case .handshakeFailedProtocol:
            refuse(
                \.failedHandshakes,
                "a handshake that failed: the peer has another public key of this learner, or is no "
                    + "worker at all", from: "")
        default: break
        }
    }

    // MARK: The list

    /// Looks at the files again and again, until cancelled.
    func rereadRegularly() async {
        while (try? await Task.sleep(for: security.rereadInterval)) != nil {
            security.workers.reread()
        }
    }

    // MARK: At each message

    /// Who a message comes from, by the key of its connection.
    func proof(of message: borrowing Message) -> PeerProof {
        guard let identity = message.property("User-Id"), !identity.isEmpty,
            let text = message.property(Self.keyProperty)
        else { return .unlisted("the connection has proved no key") }
        let key = PeerKey(identity: identity, key: text)
        guard security.workers.lists(key) else {
            return .unlisted("the key of \(identity) was taken off the learner's list")
        }
        return .key(key)
    }

    // MARK: Counting

    /// Counts a refusal and reports it, unless the same was reported a moment ago.
    func refuse(
        _ count: WritableKeyPath<SecurityCounters, Int>, _ what: String, from address: String
    ) {
        let sentence = state.withLock { state in
            state.counters[keyPath: count] += 1
            return state.log.sentence(what, from: address, at: .now)
        }
        if let sentence { note(sentence) }
    }

    /// Reports the refusal of a message that the session has counted.
    func report(_ reason: String, from address: String) {
        let sentence = state.withLock { $0.log.sentence(reason, from: address, at: .now) }
        if let sentence { note(sentence) }
    }

    // MARK: The test with a stranger

    func expect(stranger: CurvePublicKey) { state.withLock { $0.strangers[stranger] = false } }

    /// Whether the handler was asked about that key.
    func endTest(of stranger: CurvePublicKey) -> Bool {
        state.withLock { $0.strangers.removeValue(forKey: stranger) } ?? false
    }

    private func markStranger(_ key: CurvePublicKey) -> Bool {
        state.withLock { state in
            guard state.strangers[key] != nil else { return false }
            state.strangers[key] = true
            return true
        }
    }
}
