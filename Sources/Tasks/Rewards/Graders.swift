package import Ports
package import Tokenization

/// The built-in reward functions by name.
package enum Graders {
    package static let names = [
        "exact", "numeric", "think_format_reward", overlong, "repetition_penalty_reward",
    ]
    package static let overlong = "soft_overlong_punishment_reward"

    package static func requireKnown(_ name: String) throws(UnknownGrader) {
        guard names.contains(name) else { throw UnknownGrader(name: name) }
    }

    /// The function of that name, with what it demands of every row's answer; `nil` where it needs none.
    /// `stopTokens` end a completion and are not part of the answer. Throws `UnknownGrader`.
    package static func named(
        _ name: String, tokenizer: Tokenizer, stopTokens: [Int32],
        parameters: RewardParameters = .init()
    ) throws(UnknownGrader) -> (function: any RewardFunction, answerCheck: AnswerCheck?) {
        let reader = CompletionReader(tokenizer: tokenizer, stopTokens: Set(stopTokens))
        switch name {
        case "exact":
            return (ExactReward(reader: reader), AnswerCheck(grader: name) { _ in nil })
        case "numeric":
            return (
                NumericReward(reader: reader),
                AnswerCheck(grader: name) { answer in
                    NumericReward.number(inAnswer: answer) == nil ? "has no number in it" : nil
                }
            )
        case "think_format_reward": return (ThinkFormatReward(reader: reader), nil)
        case overlong:
            let (longest, cache) = (parameters.maxCompletionLength, parameters.softPunishCache)
            return (SoftOverlongPunishment(longest: longest, cache: cache), nil)
        case "repetition_penalty_reward":
            let (size, penalty) = (parameters.ngramSize, parameters.maxPenalty)
            return (RepetitionPenalty(size: size, penalty: penalty), nil)
        default: throw UnknownGrader(name: name)
        }
    }

    /// What the built-in ones among `names` demand of every row's answer together; `nil` for nothing.
    package static func answerCheck(
        names: [String], tokenizer: Tokenizer, stopTokens: [Int32]
    ) -> AnswerCheck? {
        let checks = names.compactMap { name in
            try? named(name, tokenizer: tokenizer, stopTokens: stopTokens).answerCheck
        }
        guard let first = checks.first else { return nil }
        return AnswerCheck(grader: first.grader) { answer in
            checks.lazy.compactMap { $0.objection(answer) }.first
        }
    }
}

/// A grader that is not built in.
package struct UnknownGrader: Error, Hashable, CustomStringConvertible {
    package var name: String
    /// The known name closest to it, if one is close.
    package var suggestion: String?

    init(name: String) {
        self.name = name
        let nearest = Graders.names.map { ($0, editDistance($0, name.lowercased())) }
            .min { $0.1 < $1.1 }
        suggestion = nearest.flatMap { $0.1 <= max(2, $0.0.count / 2) ? $0.0 : nil }
    }

    package var description: String {
        "there is no grader \"\(name)\"; known are \(Graders.names.joined(separator: ", "))"
            + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
    }
}
