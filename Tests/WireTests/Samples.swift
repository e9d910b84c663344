import GRPO
import Wire

// Values that tests change in one place each.

enum Sample {
    static let version = PolicyVersion(incarnation: 2, number: 7)
    static let digest = ContentDigest([UInt8](0..<32))!
    static let snapshot = SnapshotReference(version: version, digest: digest)
    static let runID = RunID([UInt8](0..<16))!
    static let key = TicketKey(pass: 1, promptIndex: 41, attempt: 0)

    static func completion(tokens: Int = 2, reward: Double? = nil) -> Completion {
        Completion(
            tokens: (0..<tokens).map { Int32($0) },
            behaviorLogprobs: (0..<tokens).map { -Float($0) / 4 },
            keptLogMasses: [Float](repeating: 0, count: tokens), finishReason: .stop, reward: reward
        )
    }

    static func group(_ completions: [Completion] = [completion(), completion(tokens: 3)]) -> Group
    {
        Group(key: key, ordinal: 5, version: version, prompt: [1, 2, 3], completions: completions)
    }

    static func hello() -> Hello { Hello(worker: "w1", numerics: "n", freeSlots: 4) }

    static func welcome() -> Welcome {
        Welcome(
            runID: runID, configurationFingerprint: digest, configuration: "{}", numerics: "n",
            heartbeatInterval: .seconds(1), livenessDeadline: .seconds(5),
            largestGroupBytes: 1 << 20, groupSize: 8, rewardPlacement: .learner, current: snapshot,
            acknowledged: 0)
    }

    static func leased(_ lease: UInt64 = 9, prompt: [Int32] = [1], columns: String = "")
        -> LeasedTicket
    {
        LeasedTicket(
            lease: lease,
            ticket: Ticket(
                key: key, ordinal: 5, version: version, prompt: prompt, columns: columns),
            deadline: .seconds(60))
    }

    static func offer(_ tickets: [LeasedTicket]) -> LeaseOffer {
        LeaseOffer(sequence: 6, tickets: tickets)
    }
}

/// A group as it comes out of the other end.
func sent(_ group: Group) throws(WireError) -> Group {
    let delivery = GroupDelivery(sequence: 3, lease: 9, group: group)
    let received = try sent(.group(delivery))
    guard case .group(let result) = received else {
        preconditionFailure("a GROUP became \(received)")
    }
    precondition(result.sequence == 3 && result.lease == 9)
    return result.group
}

func sent(_ command: WorkerCommand) throws(WireError) -> WorkerCommand {
    try WorkerMessage(frame: WorkerMessage(incarnation: 11, command).encode()).command
}

func sent(_ command: LearnerCommand) throws(WireError) -> LearnerCommand {
    try LearnerMessage(frame: LearnerMessage(incarnation: 3, command).encode()).command
}

func sent(_ command: FetcherCommand) throws(WireError) -> FetcherCommand {
    try FetcherMessage(frame: FetcherMessage(command).encode()).command
}

func sent(_ command: HolderCommand) throws(WireError) -> HolderCommand {
    try HolderMessage(frame: HolderMessage(command).encode()).command
}

/// The error's code, or `nil` where `body` succeeds.
func code(_ body: () throws(WireError) -> some Any) -> WireError.Code? {
    do {
        _ = try body()
        return nil
    } catch {
        return error.code
    }
}
