internal import GRPO
internal import Ports
internal import Tokenization

/// 1 where the completion's text equals the answer, both without white space around; else 0.
struct ExactReward: RewardFunction {
    let name = "exact"
    let reader: CompletionReader

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        let wanted = trimmed(try answer(inColumns: columns, reward: name))
        return completions.map { sameScalars(reader.text($0), wanted) ? 1 : 0 }
    }
}

/// 1 where the number that the completion ends on equals the answer's number exactly; else 0.
struct NumericReward: RewardFunction {
    let name = "numeric"
    let reader: CompletionReader

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        let text = try answer(inColumns: columns, reward: name)
        guard let wanted = Self.number(inAnswer: text) else {
            throw RewardError(
                reward: name,
                problem: .unusableColumns("the answer \"\(text)\" has no number in it"))
        }
        return completions.map { NumberFinder.number(in: reader.text($0)) == wanted ? 1 : 0 }
    }

    /// A bare number may have an exponent, as JSON numbers do; otherwise as in completions.
    static func number(inAnswer text: String) -> ExactDecimal? {
        ExactDecimal(trimmed(text)) ?? NumberFinder.number(in: text)
    }
}
