package import GRPO

// A group on the wire: one ragged tensor per field for all completions, with lengths.

extension Group {
    /// Reads the payload of a GROUP. Nothing is allocated from a number before that number has been
    /// compared with the bytes that arrived.
    init(
        key: TicketKey, ordinal: UInt64, version: PolicyVersion, scoringFailure: String?,
        payload: PayloadReader
    ) throws(WireError) {
        let lengths = try Self.lengths(payload)
        let total = lengths.reduce(0, +)
        let prompt: [Int32] = try payload.vector("prompt")
        let tokens: [Int32] = try payload.vector("tokens", count: total)
        let logprobs: [Float] = try payload.vector("behavior_logprobs", count: total)
        let masses: [Float] =
            payload.has("kept_log_masses")
            ? try payload.vector("kept_log_masses", count: total) : []
        let reasons: [UInt8] = try payload.vector("finish_reasons", count: lengths.count)
        let rewards: [Double]? =
            payload.has("rewards") ? try payload.vector("rewards", count: lengths.count) : nil
        let functionRewards = try FunctionRewards(payload, completionCount: lengths.count)
        try Self.check(functionCount: functionRewards.count, isScored: rewards != nil)

        var completions: [Completion] = []
        var start = 0
        for (index, length) in lengths.enumerated() {
            let span = start..<start + length
            guard let reason = FinishReason(rawValue: reasons[index]) else {
                throw WireError(
                    .badValue, "completion \(index) has the finish reason \(reasons[index])")
            }
            completions.append(
                Completion(
                    tokens: Array(tokens[span]), behaviorLogprobs: Array(logprobs[span]),
                    keptLogMasses: masses.isEmpty
                        ? [Float](repeating: 0, count: length) : Array(masses[span]),
                    finishReason: reason, reward: rewards?[index],
                    rewards: functionRewards.row(index)))
            start = span.upperBound
        }
        self.init(
            key: key, ordinal: ordinal, version: version, prompt: prompt, completions: completions,
            scoringFailure: scoringFailure)
    }

    /// Tokens of each completion: not too many completions, each of 1 token or more, so that their sum
    /// cannot overflow and their number bounds the work.
    private static func lengths(_ payload: PayloadReader) throws(WireError) -> [Int] {
        let lengths: [UInt32] = try payload.vector("lengths")
        try check(completionCount: lengths.count)
        var result: [Int] = []
        for (index, length) in lengths.enumerated() {
            try check(tokenCount: Int(length), completion: index)
            result.append(Int(length))
        }
        return result
    }

    /// Appends the tensors of a group that `checkForWire` has accepted.
    func describe(in payload: inout PayloadWriter) {
        payload.add("prompt", prompt)
        payload.add("lengths", completions.map { UInt32($0.tokens.count) })
        payload.add("tokens", completions.flatMap(\.tokens))
        payload.add("behavior_logprobs", completions.flatMap(\.behaviorLogprobs))
        let masses = completions.flatMap(\.keptLogMasses)
        // −0 is not +0: what was sampled comes back bit for bit.
        if masses.contains(where: { $0.bitPattern != 0 }) { payload.add("kept_log_masses", masses) }
        payload.add("finish_reasons", completions.map(\.finishReason.rawValue)[...])
        let rewards = completions.compactMap(\.reward)
        if !rewards.isEmpty { payload.add("rewards", rewards) }
        FunctionRewards(completions.map(\.rewards)).describe(in: &payload)
    }

    /// Upper bound of the bytes of a GROUP frame, for WELCOME's `largestGroupBytes` and for checking a
    /// configuration at start: `groupSize` completions of `completionLength` tokens after a prompt of
    /// `promptLength` tokens, scored by `rewardFunctions` functions, with every optional tensor.
    ///
    /// `nil` where the product overflows.
    package static func wireBytes(
        groupSize: Int, promptLength: Int, completionLength: Int, rewardFunctions: Int = 1
    ) -> Int? {
        // 4 + 4 + 4 bytes per token; 4 + 1 + 8 per completion, 8 + 1 more for each function; 1,024 cover
        // the header of a GROUP, whose fields and nine descriptors take less than 700 bytes at their
        // largest. A scoring failure is shorter than the rewards that it stands for, or 4,096 bytes.
        let fixed = WireLimits.preludeBytes + 1_024 + WireLimits.stringBytes
        let (tokens, overflow1) = groupSize.multipliedReportingOverflow(by: completionLength)
        let (tokenBytes, overflow2) = tokens.multipliedReportingOverflow(by: 12)
        let (perGroup, overflow3) = groupSize.multipliedReportingOverflow(
            by: 13 + 9 * rewardFunctions)
        let (promptBytes, overflow4) = promptLength.multipliedReportingOverflow(by: 4)
        var total = fixed
        var overflow = overflow1 || overflow2 || overflow3 || overflow4
        for part in [tokenBytes, perGroup, promptBytes] {
            let (sum, overflowed) = total.addingReportingOverflow(part)
            total = sum
            overflow = overflow || overflowed
        }
        return overflow ? nil : total
    }
}
