package import GRPO

/// What every group of a run must look like.
package struct GroupValidation: Hashable, Sendable {
    package var groupSize: Int
    package var maxCompletionLength: Int
    package var vocabularySize: Int

    package init(groupSize: Int, maxCompletionLength: Int, vocabularySize: Int) {
        self.groupSize = groupSize
        self.maxCompletionLength = maxCompletionLength
        self.vocabularySize = vocabularySize
    }

    /// What is wrong with `group` as an answer to `ticket`; `nil` if nothing is. Rewards are judged
    /// elsewhere.
    package func defect(of group: Group, answering ticket: Ticket) -> String? {
        if group.version != ticket.version {
            return "it was sampled from \(group.version), the ticket says \(ticket.version)"
        }
        if group.prompt != ticket.prompt { return "its prompt is not the ticket's" }
        if group.completions.count != groupSize {
            return "it has \(group.completions.count) completions, not \(groupSize)"
        }
        for (index, completion) in group.completions.enumerated() {
            if let defect = defect(of: completion) { return "completion \(index) \(defect)" }
        }
        return nil
    }

    private func defect(of completion: Completion) -> String? {
        let count = completion.tokens.count
        guard (1...maxCompletionLength).contains(count) else { return "has \(count) tokens" }
        guard completion.behaviorLogprobs.count == count, completion.keptLogMasses.count == count
        else { return "does not have one log-probability and one kept mass per token" }
        guard completion.tokens.allSatisfy({ 0 <= $0 && Int($0) < vocabularySize })
        else { return "holds a token outside the vocabulary" }
        guard completion.behaviorLogprobs.allSatisfy({ $0.isFinite && $0 <= 0 })
        else { return "holds a log-probability that is not finite or above 0" }
        guard completion.keptLogMasses.allSatisfy(\.isFinite)
        else { return "holds a kept mass that is not finite" }
        return nil
    }
}
