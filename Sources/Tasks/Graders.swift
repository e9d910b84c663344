package import Ports
package import Tokenization

/// The built-in graders by name.
package enum Graders {
    package static let names = ["exact", "numeric"]

    package static func requireKnown(_ name: String) throws(UnknownGrader) {
        guard names.contains(name) else { throw UnknownGrader(name: name) }
    }

    /// The grader of that name, with what it demands of every row's answer. `stopTokens` end a
    /// completion and are not part of the answer. Throws `UnknownGrader`.
    package static func named(
        _ name: String, tokenizer: Tokenizer, stopTokens: [Int32]
    ) throws(UnknownGrader) -> (function: any RewardFunction, answerCheck: AnswerCheck) {
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
        default: throw UnknownGrader(name: name)
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
