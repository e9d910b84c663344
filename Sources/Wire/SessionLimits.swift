package import GRPO
internal import SwiftProtobuf

/// The most that a side of 1/ROLLOUT takes, or that any message of a run has. A HELLO says what the worker
/// takes, a WELCOME what the run needs; who takes less than the run needs has no part in it.
///
/// Since 1.1. Without them, what `WireLimits` allows.
package struct SessionLimits: Hashable, Sendable {
    /// Bytes of a whole frame of 1/ROLLOUT.
    package var frameBytes: Int
    /// Bytes of a protobuf header.
    package var headerBytes: Int
    /// Bytes of a string of a header.
    package var stringBytes: Int
    package var promptTokens: Int
    package var completionTokens: Int
    /// Completions of a group.
    package var completions: Int
    /// Leases that one worker holds.
    package var heldLeases: Int
    /// Bytes of a chunk of a snapshot.
    package var chunkBytes: Int

    /// Whatever is not given is what the protocol allows.
    package init(
        frameBytes: Int = WireLimits.rolloutFrameBytes, headerBytes: Int = WireLimits.headerBytes,
        stringBytes: Int = WireLimits.stringBytes, promptTokens: Int = WireLimits.tokensPerPrompt,
        completionTokens: Int = WireLimits.tokensPerCompletion,
        completions: Int = WireLimits.completionsPerGroup,
        heldLeases: Int = WireLimits.heldLeases, chunkBytes: Int = WireLimits.chunkBytes
    ) {
        self.frameBytes = frameBytes
        self.headerBytes = headerBytes
        self.stringBytes = stringBytes
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.completions = completions
        self.heldLeases = heldLeases
        self.chunkBytes = chunkBytes
    }

    /// What is wrong where a side that takes this much joins a run of `needs`: one sentence's object, or
    /// `nil` where it fits. Leases are not compared, for the lower number of both holds.
    package func shortage(for needs: SessionLimits) -> String? {
        let amounts: [(String, Int, Int)] = [
            ("frames of \(needs.frameBytes) bytes", frameBytes, needs.frameBytes),
            ("headers of \(needs.headerBytes) bytes", headerBytes, needs.headerBytes),
            ("strings of \(needs.stringBytes) bytes", stringBytes, needs.stringBytes),
            ("prompts of \(needs.promptTokens) tokens", promptTokens, needs.promptTokens),
            (
                "completions of \(needs.completionTokens) tokens", completionTokens,
                needs.completionTokens
            ),
            ("groups of \(needs.completions) completions", completions, needs.completions),
            ("snapshot chunks of \(needs.chunkBytes) bytes", chunkBytes, needs.chunkBytes),
        ]
        return amounts.first { $0.1 < $0.2 }.map { "\($0.0), and only \($0.1) are taken" }
    }
}

extension SessionLimits {
    /// Throws `limitExceeded` where a group is larger than announced; both ends of the wire ask this.
    package func check(_ group: Group) throws(WireError) {
        try check(prompt: group.prompt)
        try WireError.check(
            group.completions.count, atMost: completions, "the number of completions")
        for (index, completion) in group.completions.enumerated() {
            try WireError.check(
                completion.tokens.count, atMost: completionTokens,
                "the number of tokens of completion \(index)")
        }
    }

    /// Throws `limitExceeded` where a prompt is longer than announced.
    package func check(prompt: [Int32]) throws(WireError) {
        try WireError.check(
            prompt.count, atMost: promptTokens, "the number of tokens of the prompt")
    }

    init(_ header: ProtoLimits) throws(WireError) {
        guard let frameBytes = Int(exactly: header.frameBytes) else {
            throw WireError(.limitExceeded, "\(header.frameBytes) bytes per frame are too many")
        }
        self.init(
            frameBytes: frameBytes, headerBytes: Int(header.headerBytes),
            stringBytes: Int(header.stringBytes), promptTokens: Int(header.promptTokens),
            completionTokens: Int(header.completionTokens), completions: Int(header.completions),
            heldLeases: Int(header.heldLeases), chunkBytes: Int(header.chunkBytes))
    }

    func check() throws(WireError) {
        try Self.check(frameBytes, WireLimits.rolloutFrameBytes, "frame_bytes")
        try Self.check(headerBytes, WireLimits.headerBytes, "header_bytes")
        try Self.check(stringBytes, WireLimits.stringBytes, "string_bytes")
        try Self.check(promptTokens, WireLimits.tokensPerPrompt, "prompt_tokens")
        try Self.check(completionTokens, WireLimits.tokensPerCompletion, "completion_tokens")
        try Self.check(completions, WireLimits.completionsPerGroup, "completions")
        try Self.check(heldLeases, WireLimits.heldLeases, "held_leases")
        try Self.check(chunkBytes, WireLimits.chunkBytes, "chunk_bytes")
    }

    private static func check(_ value: Int, _ limit: Int, _ name: String) throws(WireError) {
        try WireError.require(value > 0, "the limit \(name) is \(value)")
        try WireError.check(value, atMost: limit, "the limit \(name)")
    }

    var header: ProtoLimits {
        .with {
            $0.frameBytes = UInt64(frameBytes)
            $0.headerBytes = UInt32(headerBytes)
            $0.stringBytes = UInt32(stringBytes)
            $0.promptTokens = UInt32(promptTokens)
            $0.completionTokens = UInt32(completionTokens)
            $0.completions = UInt32(completions)
            $0.heldLeases = UInt32(heldLeases)
            $0.chunkBytes = UInt32(chunkBytes)
        }
    }
}
