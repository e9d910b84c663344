private import Foundation
package import Ports

/// Looks at what a finished run says of its groups, twice: in the learner's accounts, and step by step in
/// `metrics.jsonl`.
package struct RunBooks: Sendable {
    let steps: Int
    let groupsPerStep: Int

    /// Of a run with that many steps.
    package init(steps: Int, groupsPerStep: Int) {
        self.steps = steps
        self.groupsPerStep = groupsPerStep
    }

    /// Sentences about what is wrong with the accounts; none if all is well.
    package func problems(of groups: GroupAccounting, steps done: Int) -> [String] {
        var problems: [String] = []
        if done != steps { problems.append("the run made \(done) of \(steps) steps") }
        if !groups.isBalanced { problems.append("the accounts of groups do not balance: \(groups)") }
        let waiting = groups.leased + groups.received + groups.journaled
        if waiting != 0 { problems.append("\(waiting) groups are neither consumed nor dropped") }
        let expected = done * groupsPerStep
        if groups.consumed != expected {
            problems.append("\(groups.consumed) groups were consumed, \(done) steps need \(expected)")
        }
        return problems
    }

    /// The same of the lines of `metrics.jsonl`: each step is there once, in order, and each consumed as
    /// many groups as a batch has.
    package func problems(ofMetrics text: String) -> [String] {
        let decoder = JSONDecoder()
        let rows = text.split(separator: "\n").map { try? decoder.decode(Row.self, from: Data($0.utf8)) }
        if rows.map({ $0?.step }) != (1...max(1, steps)).map({ $0 }) {
            return ["metrics.jsonl does not hold each of the \(steps) steps once, in order"]
        }
        return rows.compactMap { row in
            guard let row, row.consumed != row.step * groupsPerStep else { return nil }
            return "after step \(row.step) metrics.jsonl counts \(row.consumed) consumed groups, "
                + "not \(row.step * groupsPerStep)"
        }
    }

    private struct Row: Decodable {
        var step: Int
        var consumed: Int

        enum CodingKeys: String, CodingKey {
            case step
            case consumed = "groups/consumed"
        }
    }
}
