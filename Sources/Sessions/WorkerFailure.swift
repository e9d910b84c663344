package import Wire

/// Why a worker cannot go on.
package enum WorkerFailure: Hashable, Sendable {
    /// No session for too long.
    case lost(String)
    /// The learner refuses this worker.
    case rejected(RejectCode, reason: String)
    /// The learner found a group of this worker invalid, and gives it no more work.
    case barred
    /// The learner said that the run has failed.
    case runFailed(String)
    /// The learner broke the protocol.
    case protocolBroken(String)
}
