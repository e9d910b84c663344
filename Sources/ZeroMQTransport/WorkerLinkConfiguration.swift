package import Ports
internal import Sessions
private import Wire

/// How a worker's end of the link is set up.
package struct WorkerLinkConfiguration: Sendable {
    package var address: LearnerAddress
    /// 1 to 128 letters, digits and `. _ - @`; the incarnation is larger in every later process of
    /// the same name (nanoseconds of the wall clock will do).
    package var worker: WorkerID
    package var numerics: String
    /// Leases to hold at one time.
    package var slots: Int
    /// Encrypts tcp, and proves who this worker is.
    package var security: WorkerSecurity?
    /// Accept endpoints that other machines can reach, without encryption.
    package var insecure: Bool
    /// Without a session with the learner for this long, the worker gives up.
    package var reconnectDeadline: Duration
    /// Pause after the first HELLO; it doubles, up to half a minute.
    package var helloPause: Duration
    /// How long a handshake may take; also the pause before a key that is not listed is tried again.
    package var handshakeInterval = LinkOptions.handshakeInterval
    /// Without anything new of a snapshot for this long, its transfer has failed.
    package var fetchDeadline: Duration
    /// Told, in a sentence, what the link waits for and until when.
    package var note: @Sendable (String) -> Void

    package init(
        address: LearnerAddress, worker: WorkerID, numerics: String, slots: Int,
        security: WorkerSecurity? = nil, insecure: Bool = false, reconnectDeadline: Duration = .seconds(60),
        helloPause: Duration = .seconds(1), fetchDeadline: Duration = .seconds(60),
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.address = address
        self.worker = worker
        self.numerics = numerics
        self.slots = slots
        self.security = security
        self.insecure = insecure
        self.reconnectDeadline = reconnectDeadline
        self.helloPause = helloPause
        self.fetchDeadline = fetchDeadline
        self.note = note
    }

    func check() throws {
        try address.checkSecurity(
            isSecured: security != nil, insecure: insecure, remedy: InsecureEndpoint.workerRemedy)
        try Hello.check(workerName: worker.name)
        guard worker.incarnation > 0, 1...WireLimits.heldLeases ~= slots, helloPause > .zero else {
            throw LinkConfigurationError(
                "a worker needs an incarnation of 1 or more (not \(worker.incarnation)) and 1 to "
                    + "\(WireLimits.heldLeases) slots (not \(slots))")
        }
    }

    var timing: WorkerTiming {
        WorkerTiming(
            helloPause: helloPause, helloPauseMax: max(helloPause, .seconds(32)),
            reconnectDeadline: reconnectDeadline)
    }
}
