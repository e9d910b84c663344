internal import Synchronization
internal import ZeroMQ

/// Why a worker's connection does not come about, as far as its end can see: for the sentence with which
/// it gives up.
final class HandshakeTrouble: Sendable {
    private let security: WorkerSecurity?
    private let current = Mutex<String?>(nil)

    init(_ security: WorkerSecurity?) { self.security = security }

    /// `nil`: none.
    var sentence: String? { current.withLock { $0 } }

    private static let noKey =
        "no handshake succeeds: a learner with keys wants --key and --learner-key"

    private static func refusal(_ security: WorkerSecurity) -> String {
        "no handshake succeeds: this worker's public key \(security.pair.publicKey) is not in the learner's "
            + "authorized_workers, or --learner-key is not the learner's"
    }

    func hear(_ event: MonitorEvent) {
        switch event.kind {
        case .handshakeSucceeded: current.withLock { $0 = nil }
        case .handshakeFailedProtocol(.mechanismMismatch):
            current.withLock {
                $0 =
                    security == nil
                    ? Self.noKey
                    : "the learner does not encrypt: start it with keys, or this worker without"
            }
        case .handshakeFailed, .handshakeFailedProtocol, .handshakeFailedAuthentication:
            current.withLock { $0 = security.map(Self.refusal) ?? Self.noKey }
        default: break
        }
    }
}
