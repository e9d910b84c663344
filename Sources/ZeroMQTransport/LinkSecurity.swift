package import ZeroMQ


/// What a learner needs in order to encrypt its tcp endpoints and to know who connects to them.
package struct LearnerSecurity: Sendable {
    package var pair: CurveKeyPair
    package var workers: AuthorizedWorkers
    /// How soon a revoked key is noticed.
    package var rereadInterval: Duration
    /// How long the proof may take that a stranger is refused.
    package var proofDeadline: Duration

    package init(
        pair: CurveKeyPair, workers: AuthorizedWorkers, rereadInterval: Duration = .seconds(2),
        proofDeadline: Duration = .seconds(10)
    ) {
        self.pair = pair
        self.workers = workers
        self.rereadInterval = rereadInterval
        self.proofDeadline = proofDeadline
    }
}

/// What a worker needs in order to connect to such a learner.
package struct WorkerSecurity: Sendable {
    /// This worker's, or its machine's.
    package var pair: CurveKeyPair
    /// Without it anybody could play the learner.
    package var learnerKey: CurvePublicKey

    package init(pair: CurveKeyPair, learnerKey: CurvePublicKey) {
        self.pair = pair
        self.learnerKey = learnerKey
    }
}

/// A secured endpoint that could not be shown to refuse strangers; the learner does not start.
package struct StrangerAdmitted: Error, Hashable, CustomStringConvertible {
    package let endpoint: String
    package let finding: String

    package var description: String {
        "\(endpoint) did not pass the test that an unknown key is refused: \(finding); the learner does not "
            + "start"
    }
}

extension LinkOptions {
    /// What libzmq asks the handler about.
    static let zapDomain = "cohort"

    static func server(_ security: LearnerSecurity?, at endpoint: Endpoint) -> [SocketOption] {
        guard let security, endpoint.port != nil else { return [] }
        return SocketOption.curveServer(security.pair.secretKey, zapDomain: zapDomain)
    }

    static func client(_ security: WorkerSecurity?, of endpoint: Endpoint) -> [SocketOption] {
        guard let security, endpoint.port != nil else { return [] }
        return SocketOption.curveClient(security.pair, of: security.learnerKey)
    }
}
