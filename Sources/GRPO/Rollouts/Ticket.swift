/// The idempotency key of a group: which prompt of which data pass, and the how-manieth attempt at it.
///
/// A ticket that is leased again after its worker died keeps its key, so that the first durable copy of
/// its group wins and a second one is recognised. Only a deliberate new attempt raises `attempt`.
public struct TicketKey: Hashable, Sendable, Codable {
    /// How often the whole training set was gone through before.
    public var pass: UInt32
    /// Row of the training set.
    public var promptIndex: UInt32
    public var attempt: UInt32

    public init(pass: UInt32, promptIndex: UInt32, attempt: UInt32) {
        self.pass = pass
        self.promptIndex = promptIndex
        self.attempt = attempt
    }
}

extension TicketKey: CustomStringConvertible {
    public var description: String { "pass \(pass), prompt \(promptIndex), attempt \(attempt)" }
}

/// One piece of work: sample `groupSize` completions of one prompt from exactly one version.
public struct Ticket: Hashable, Sendable {
    public var key: TicketKey
    /// Place in the run's prompt order over all passes; batches are assembled in this order.
    public var ordinal: UInt64
    /// The version to sample from.
    public var version: PolicyVersion
    /// The prompt, as token ids.
    public var prompt: [Int32]
    /// The data row's columns that a reward needs, as one JSON object; empty where the learner scores.
    public var columns: String

    public init(
        key: TicketKey, ordinal: UInt64, version: PolicyVersion, prompt: [Int32], columns: String
    ) {
        self.key = key
        self.ordinal = ordinal
        self.version = version
        self.prompt = prompt
        self.columns = columns
    }
}
