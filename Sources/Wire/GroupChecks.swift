internal import GRPO

// What may not cross the wire, in either direction. Rewards that are not finite may: the learner drops
// their group with a cause, so that it is accounted for.

extension Group {
    func checkForWire() throws(WireError) {
        try Wire.check(tokens: prompt, of: "the prompt", atMost: WireLimits.tokensPerPrompt)
        try Self.check(completionCount: completions.count)
        for (index, completion) in completions.enumerated() {
            try Self.check(tokenCount: completion.tokens.count, completion: index)
            try completion.checkForWire(index)
        }
        try checkRewards()
    }

    private func checkRewards() throws(WireError) {
        let scored = completions.count { $0.reward != nil }
        guard scored == 0 || scored == completions.count else {
            throw WireError(
                .badTensor,
                "\(scored) of \(completions.count) completions have a reward; score all or none")
        }
        let functions = completions.first?.rewards.count ?? 0
        guard completions.allSatisfy({ $0.rewards.count == functions }) else {
            throw WireError(
                .badTensor, "the completions have rewards of different numbers of functions")
        }
        try Self.check(functionCount: functions, isScored: scored > 0)
        try Self.check(scoringFailure: scoringFailure, isScored: scored > 0)
    }

    static func check(functionCount: Int, isScored: Bool) throws(WireError) {
        try WireError.check(
            functionCount, atMost: WireLimits.rewardFunctions, "the number of reward functions")
        guard functionCount == 0 || isScored else {
            throw WireError(.badTensor, "a group has rewards by function and no sum of them")
        }
    }

    static func check(scoringFailure: String?, isScored: Bool) throws(WireError) {
        guard let scoringFailure else { return }
        try WireError.check(string: scoringFailure, "a scoring failure")
        try WireError.require(!isScored, "a group has rewards and a scoring failure")
        try WireError.require(!scoringFailure.isEmpty, "a scoring failure is empty")
    }

    static func check(completionCount: Int) throws(WireError) {
        guard completionCount > 0 else {
            throw WireError(.badTensor, "a group has no completions")
        }
        try WireError.check(
            completionCount, atMost: WireLimits.completionsPerGroup, "the number of completions")
    }

    static func check(tokenCount: Int, completion index: Int) throws(WireError) {
        guard tokenCount > 0 else {
            throw WireError(.badValue, "completion \(index) has no tokens")
        }
        try WireError.check(
            tokenCount, atMost: WireLimits.tokensPerCompletion,
            "the number of tokens of completion \(index)")
    }
}

extension Completion {
    fileprivate func checkForWire(_ index: Int) throws(WireError) {
        try checkTokenIDs(tokens, of: "completion \(index)")
        guard behaviorLogprobs.count == tokens.count, keptLogMasses.count == tokens.count else {
            throw WireError(
                .badTensor,
                "completion \(index) has \(tokens.count) tokens, \(behaviorLogprobs.count) log-probabilities and \(keptLogMasses.count) kept masses"
            )
        }
        try checkLogs(behaviorLogprobs, "log-probability", completion: index)
        try checkLogs(keptLogMasses, "kept mass", completion: index)
    }
}

/// Throws unless there is a token and no id is negative.
func check(tokens: [Int32], of what: String, atMost limit: Int) throws(WireError) {
    guard !tokens.isEmpty else { throw WireError(.badValue, "\(what) has no tokens") }
    try WireError.check(tokens.count, atMost: limit, "the number of tokens of \(what)")
    try checkTokenIDs(tokens, of: what)
}

private func checkTokenIDs(_ tokens: [Int32], of what: String) throws(WireError) {
    // The smallest of all is found much faster than the first that is wrong.
    guard tokens.withUnsafeBufferPointer({ $0.reduce(0, min) }) < 0 else { return }
    if let position = tokens.firstIndex(where: { $0 < 0 }) {
        throw WireError(.badValue, "token \(position) of \(what) has the id \(tokens[position])")
    }
}

/// Logarithms of probabilities are finite and not positive. Comparisons are false for NaN.
private func checkLogs(
    _ values: [Float], _ what: String, completion index: Int
) throws(WireError) {
    let good = { (value: Float) in value <= 0 && value > -Float.infinity }
    // Counting without an exit is a loop over vectors.
    let count = values.withUnsafeBufferPointer { values in
        values.reduce(Int32(0)) { $0 &+ ($1 <= 0 && $1 > -Float.infinity ? 1 : 0) }
    }
    guard Int(count) != values.count else { return }
    if let position = values.firstIndex(where: { !good($0) }) {
        throw WireError(
            .badValue,
            "the \(what) of token \(position) of completion \(index) is \(values[position]); it must be finite and at most 0"
        )
    }
}
