/// HELLO: a worker opens a session, and says everything that the learner needs to go on from where the
/// two left off.
package struct Hello: Hashable, Sendable {
    /// 1 to 128 characters of `A–Z a–z 0–9 . _ - @`, the first a letter or digit.
    package var worker: String
    /// The run whose leases or groups the worker still holds; `nil`: none.
    package var runID: RunID?
    /// Sequence of the last GROUP sent; 0: none.
    package var sequence: UInt64
    /// Highest acknowledgement seen; at most `sequence`.
    package var acknowledged: UInt64
    /// SHA-256 of the configuration that the worker holds; `nil`: none, so WELCOME must bring it.
    package var configurationFingerprint: ContentDigest?
    /// The worker's numerics fingerprint, compared byte by byte; 1 to 4,096 bytes.
    package var numerics: String
    package var heldLeases: Set<UInt64>
    /// How many more leases it could take.
    package var freeSlots: UInt32
    /// The snapshot it has adopted and verified; `nil`: none yet.
    package var held: SnapshotReference?
    /// What the worker takes; `nil`: what the protocol allows. Since 1.1.
    package var limits: SessionLimits?

    package init(
        worker: String, runID: RunID? = nil, sequence: UInt64 = 0, acknowledged: UInt64 = 0,
        configurationFingerprint: ContentDigest? = nil, numerics: String,
        heldLeases: Set<UInt64> = [], freeSlots: UInt32, held: SnapshotReference? = nil,
        limits: SessionLimits? = nil
    ) {
        self.worker = worker
        self.runID = runID
        self.sequence = sequence
        self.acknowledged = acknowledged
        self.configurationFingerprint = configurationFingerprint
        self.numerics = numerics
        self.heldLeases = heldLeases
        self.freeSlots = freeSlots
        self.held = held
        self.limits = limits
    }
}

extension Hello: Command {
    init(_ header: ProtoHello, payload: PayloadReader) throws(WireError) {
        if header.hasRunID {
            guard let id = RunID(header.runID) else {
                throw WireError(.badField, "the run id has \(header.runID.count) bytes, not 16")
            }
            runID = id
        }
        if header.hasConfigurationFingerprint {
            configurationFingerprint = try fingerprint(header.configurationFingerprint)
        }
        worker = header.worker
        sequence = header.sequence
        acknowledged = header.acknowledged
        numerics = header.numerics
        heldLeases = try leases(header.heldLeases)
        freeSlots = header.freeSlots
        held = header.hasHeld ? try SnapshotReference(header.held) : nil
        limits = header.hasLimits ? try SessionLimits(header.limits) : nil
    }

    func check() throws(WireError) {
        try Self.check(workerName: worker)
        try WireError.require(
            acknowledged <= sequence,
            "\(worker) has seen \(acknowledged) acknowledged but sent only up to \(sequence)")
        try Wire.check(numerics: numerics)
        try Wire.check(heldLeases: heldLeases)
        try limits?.check()
    }

    func describe(in header: inout ProtoHello, payload: inout PayloadWriter) {
        header.worker = worker
        if let runID { header.runID = headerBytes(runID.bytes) }
        header.sequence = sequence
        header.acknowledged = acknowledged
        if let configurationFingerprint {
            header.configurationFingerprint = headerBytes(configurationFingerprint.bytes)
        }
        header.numerics = numerics
        header.heldLeases = heldLeases.sorted()
        header.freeSlots = freeSlots
        if let held { header.held = held.header }
        if let limits { header.limits = limits.header }
    }

    /// Throws where `name` cannot be a worker's name; the sentence says what is allowed.
    package static func check(workerName name: String) throws(WireError) {
        try WireError.check(
            name.utf8.count, atMost: WireLimits.workerNameBytes, "the length of the worker's name")
        let allowed = name.utf8.enumerated().allSatisfy { index, character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "@"):
                index > 0
            default: false
            }
        }
        try WireError.require(
            allowed && !name.isEmpty,
            "a worker's name consists of letters, digits and . _ - @ and begins with a letter or digit"
        )
    }
}

/// The fingerprint of a configuration in a header.
func fingerprint(_ bytes: some Collection<UInt8>) throws(WireError) -> ContentDigest {
    guard let digest = ContentDigest(bytes) else {
        throw WireError(
            .badField, "the configuration's fingerprint has \(bytes.count) bytes, not 32")
    }
    return digest
}

func check(numerics: String) throws(WireError) {
    try WireError.require(!numerics.isEmpty, "the numerics fingerprint is empty")
    try WireError.check(string: numerics, "the numerics fingerprint")
}
