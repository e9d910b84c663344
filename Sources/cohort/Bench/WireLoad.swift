package import GRPO
package import Ports
package import Wire

/// What goes over the wire in a measurement: tickets, the groups that answer them, and the frames
/// that both become. A pure function of its sizes.
package struct WireLoad: Sendable {
    package static let version = PolicyVersion(incarnation: 1, number: 0)
    private static let promptLength = 24
    private static let shortestCompletion = 4
    /// Different groups; they are used in turn.
    private static let variety = 64

    /// How long completions are.
    package enum Lengths: String, Sendable, CaseIterable {
        /// All as long as the longest.
        case full
        /// From 4 tokens to the longest, all lengths alike often.
        case mixed
    }

    package let groupSize: Int
    /// Of the longest completion, in tokens.
    package let completionLength: Int
    private let groups: [Group]

    /// Groups of `groupSize` completions of at most `completionLength` tokens.
    package init(groupSize: Int, completionLength: Int, lengths: Lengths = .mixed) {
        self.groupSize = groupSize
        self.completionLength = completionLength
        let random = Philox4x32(seed: 42)
        groups = (0..<Self.variety).map { index in
            Self.group(UInt64(index), groupSize, completionLength, lengths, random)
        }
    }

    private static func group(
        _ ordinal: UInt64, _ size: Int, _ longest: Int, _ lengths: Lengths, _ random: Philox4x32
    ) -> Group {
        let ticket = ticket(ordinal)
        let completions = (0..<size).map { member in
            let words = { (part: UInt32, index: Int) in
                random((UInt32(ordinal), UInt32(member), part, UInt32(index)))
            }
            let shortest = lengths == .full ? longest : min(shortestCompletion, longest)
            let length = shortest + Int(words(0, 0).0) % (longest - shortest + 1)
            return Completion(
                tokens: (0..<length).map { Int32(words(1, $0).0 % 150_000) },
                behaviorLogprobs: (0..<length).map { -Float(words(2, $0).0) * 0x1p-32 },
                keptLogMasses: [Float](repeating: 0, count: length),
                finishReason: length == longest ? .length : .stop, reward: Double(member % 2))
        }
        return Group(
            key: ticket.key, ordinal: ordinal, version: version, prompt: ticket.prompt,
            completions: completions)
    }

    package static func ticket(_ ordinal: UInt64) -> Ticket {
        Ticket(
            key: TicketKey(pass: 0, promptIndex: UInt32(truncatingIfNeeded: ordinal), attempt: 0),
            ordinal: ordinal, version: version,
            prompt: (0..<Int32(promptLength)).map { 1_000 + $0 }, columns: #"{"answer":"42"}"#)
    }

    /// The group that answers `ticket`.
    package func group(for ticket: Ticket) -> Group {
        var group = groups[Int(ticket.ordinal % UInt64(groups.count))]
        group.key = ticket.key
        group.ordinal = ticket.ordinal
        return group
    }

    /// GROUP frames, byte for byte as a worker sends them.
    package func groupFrames() throws(WireError) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for (index, group) in groups.enumerated() {
            let number = UInt64(index) + 1
            let delivery = GroupDelivery(sequence: number, lease: number, group: group)
            frames.append(try WorkerMessage(incarnation: 1, .group(delivery)).encode())
        }
        return frames
    }

    /// What the learner sends for one group: its verdict and the next lease.
    package func answerFrames() throws(WireError) -> [[UInt8]] {
        let verdict = Wire.Verdict(sequence: 1, lease: 1, outcome: .accepted(durable: true))
        let ack = Acknowledgement(acknowledged: 1, verdicts: [verdict])
        let leased = LeasedTicket(lease: 2, ticket: Self.ticket(2), deadline: .seconds(600))
        let offer = LeaseOffer(sequence: 1, tickets: [leased])
        return [
            try LearnerMessage(incarnation: 1, .ack(ack)).encode(),
            try LearnerMessage(incarnation: 1, .lease(offer)).encode(),
        ]
    }

    /// What workers of this load are told.
    package var configuration: WorkerConfiguration {
        WorkerConfiguration(
            runID: "00000000000000000000000000000001", seed: 42, model: "{}", groupSize: groupSize,
            sampling: SamplingParameters(maxCompletionLength: completionLength, stopTokens: [0]),
            rewardPlacement: .worker, rewards: RewardPlan(names: ["exact"]), modelDirectory: nil)
    }

    /// Whether a frame of such groups is one that the link takes.
    package static func fits(groupSize: Int, completionLength: Int) -> Bool {
        let bytes = Group.wireBytes(
            groupSize: groupSize, promptLength: promptLength, completionLength: completionLength)
        return 1...WireLimits.completionsPerGroup ~= groupSize
            && 1...WireLimits.tokensPerCompletion ~= completionLength
            && bytes.map { $0 <= WireLimits.rolloutFrameBytes } == true
    }

    static let promptTokensMax = promptLength
}
