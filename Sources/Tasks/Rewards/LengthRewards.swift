internal import GRPO
internal import Ports

/// 0 for completions of ordinary length, falling to −1 over the last `cache` tokens before the limit, and
/// −1 beyond. TRL's `get_soft_overlong_punishment`, equation 13 of the DAPO paper (arXiv 2503.14476).
struct SoftOverlongPunishment: RewardFunction {
    let name = Graders.overlong
    /// Tokens, the stop token included.
    let longest: Int
    /// Tokens.
    let cache: Int

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        completions.map { reward(length: $0.tokens.count) }
    }

    func reward(length: Int) -> Double {
        if length <= longest - cache { return 0 }
        return length <= longest ? Double(longest - cache - length) / Double(cache) : -1
    }
}

/// `penalty` times the share of a completion's n-grams that repeat an earlier one; 0 where it is shorter
/// than an n-gram. TRL's `get_repetition_penalty_reward`, appendix C.2 of arXiv 2502.03373.
struct RepetitionPenalty: RewardFunction {
    let name = "repetition_penalty_reward"
    /// n, tokens.
    let size: Int
    let penalty: Double

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        completions.map { reward($0.tokens) }
    }

    func reward(_ tokens: [Int32]) -> Double {
        guard tokens.count >= size else { return 0 }
        let all = (0...tokens.count - size).map { tokens[$0..<$0 + size] }
        let share = 1 - Double(Set(all).count) / Double(all.count)
        return share == 0 ? 0 : share * penalty
    }
}
