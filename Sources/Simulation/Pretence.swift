internal import GRPO
internal import Sessions
internal import Wire

/// What stands for computing: weights are one number, and everything sampled or trained is a hash of what it
/// should depend on. Two runs that consumed the same groups in the same order have the same weights, and
/// no others do.
enum Pretence {
    /// SplitMix64's finaliser over both words.
    static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var z = (first ^ (second &* 0x9E37_79B9_7F4A_7C15)) &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Stands for SHA-256.
    @Sendable static func digest(_ bytes: some Collection<UInt8>) -> ContentDigest {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return ContentDigest((0..<4).flatMap { littleEndian(mix(hash, $0)) })!
    }

    /// The weights after a step on `batch`.
    static func weights(after weights: UInt64, _ batch: [Group]) -> UInt64 {
        batch.reduce(mix(weights, UInt64(batch.count))) { mix($0, content(of: $1)) }
    }

    /// A hash of all that a group says. Not of incarnations: they differ between runs that are equal.
    static func content(of group: Group) -> UInt64 {
        var hash = mix(group.ordinal, UInt64(group.key.pass) << 32 | UInt64(group.key.promptIndex))
        hash = mix(mix(hash, UInt64(group.key.attempt)), group.version.number)
        for token in group.prompt { hash = mix(hash, UInt64(bitPattern: Int64(token))) }
        for completion in group.completions {
            for token in completion.tokens { hash = mix(hash, UInt64(bitPattern: Int64(token))) }
            for logprob in completion.behaviorLogprobs { hash = mix(hash, UInt64(logprob.bitPattern)) }
            hash = mix(hash, completion.reward?.bitPattern ?? 1)
        }
        return hash
    }

    static func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// Weights as a snapshot.
struct PretendSnapshot: Hashable {
    static let chunkBytes = 8

    var reference: SnapshotReference
    var chunks: [[UInt8]]
    var manifest: Manifest

    init(weights: UInt64, version: PolicyVersion, chunks count: Int) {
        chunks = (0..<count).map { Pretence.littleEndian(Pretence.mix(weights, UInt64($0))) }
        let digests = chunks.map { Pretence.digest($0) }
        reference = SnapshotReference(
            version: version, digest: Pretence.digest(digests.flatMap(\.bytes)))
        manifest = Manifest(
            snapshot: reference, byteCount: count * Self.chunkBytes, chunkBytes: Self.chunkBytes,
            chunkDigests: digests)
    }
}

/// What workers sample and rewards say.
struct PretendSampler: Sendable {
    var seed: UInt64
    var groupSize: Int
    var completionLength: Int
    /// Of a ticket's rewards: all equal; not finite; not there because a program failed.
    var constantShare: Double
    var badShare: Double
    var failureShare: Double
    /// What every group says where nobody looks: equal completions share their memory.
    private var template: [Completion]?

    static let vocabulary = 1_000

    init(_ setup: SimulationSetup) {
        seed = setup.seed
        groupSize = setup.groupSize
        completionLength = setup.completionLength
        constantShare = setup.constantShare
        badShare = setup.badRewardShare
        failureShare = setup.rewardFailureShare
        if setup.hasPlainGroups { template = Self.template(of: groupSize) }
    }

    private static func template(of groupSize: Int) -> [Completion] {
        (0..<groupSize).map { sample in
            Completion(
                tokens: [Int32(sample % vocabulary)], behaviorLogprobs: [0], keptLogMasses: [0],
                finishReason: .length, reward: Double(sample))
        }
    }

    /// The answer to `ticket` from the snapshot with this digest, without rewards.
    func sample(_ ticket: Ticket, from digest: ContentDigest) -> Group {
        Group(
            key: ticket.key, ordinal: ticket.ordinal, version: ticket.version, prompt: ticket.prompt,
            completions: template ?? completions(of: ticket, from: digest))
    }

    private func completions(of ticket: Ticket, from digest: ContentDigest) -> [Completion] {
        let base = digest.bytes.prefix(8).reduce(hash(of: ticket.key)) { Pretence.mix($0, UInt64($1)) }
        return (0..<groupSize).map { sample in
            let own = Pretence.mix(base, UInt64(sample))
            let tokens = (0..<1 + Int(own % UInt64(completionLength))).map {
                Int32(Pretence.mix(own, UInt64($0)) % UInt64(Self.vocabulary))
            }
            return Completion(
                tokens: tokens, behaviorLogprobs: tokens.map { -Float($0) / 256 },
                keptLogMasses: [Float](repeating: 0, count: tokens.count), finishReason: .length)
        }
    }

    /// The group with rewards. The same group always gets the same ones.
    func score(_ group: Group) -> Group {
        guard template == nil else { return group }
        var group = group
        let key = hash(of: group.key)
        // The learner gives up where a prompt fails again and again; it is spared that.
        let mayFail = group.key.attempt < 2
        if mayFail, isChosen(key, 1, failureShare) {
            group.scoringFailure = "the pretended program failed"
            return group
        }
        let isConstant = isChosen(key, 2, constantShare)
        let isBad = mayFail && isChosen(key, 3, badShare)
        for index in group.completions.indices {
            let tokens = group.completions[index].tokens
            let reward = isConstant ? 1 : Double(tokens.reduce(index) { $0 + Int($1) } % 5 + index)
            group.completions[index].reward = isBad && index == 0 ? .nan : reward
        }
        return group
    }

    private func hash(of key: TicketKey) -> UInt64 {
        Pretence.mix(
            Pretence.mix(seed, UInt64(key.pass) << 32 | UInt64(key.promptIndex)), UInt64(key.attempt))
    }

    private func isChosen(_ key: UInt64, _ salt: UInt64, _ share: Double) -> Bool {
        share > 0 && Double(Pretence.mix(key, salt) >> 11) * 0x1p-53 < share
    }
}
