/// Completions as they are shown on the terminal while a run goes on.
package struct SampleText: Hashable, Sendable {
    package struct Sample: Hashable, Sendable {
        package var prompt: String
        package var completion: String
        package var reward: Double?
        package var advantage: Double?

        package init(
            prompt: String, completion: String, reward: Double?, advantage: Double? = nil
        ) {
            self.prompt = prompt
            self.completion = completion
            self.reward = reward
            self.advantage = advantage
        }
    }

    package var step: Int
    package var samples: [Sample]

    package init(step: Int, samples: [Sample]) {
        self.step = step
        self.samples = samples
    }

    /// One line per sample, each at most `columns` wide, everything from outside escaped; the
    /// prompt is cut to a third of the line, the completion gets the rest.
    package func lines(columns: Int) -> String {
        let head = "samples at step \(step)"
        return ([head] + samples.map { line($0, columns) }).joined(separator: "\n") + "\n"
    }

    private func line(_ sample: Sample, _ columns: Int) -> String {
        let scores = "  " + Self.score("reward", sample.reward)
            + (sample.advantage.map { "  " + Self.score("advantage", $0) } ?? "") + "  "
        let room = max(12, columns - scores.count - 4)
        let prompt = Self.quoted(sample.prompt, columns: max(6, room / 3))
        let rest = max(6, room - TerminalText.columnWidth(of: prompt))
        return scores + prompt + " -> " + Self.quoted(sample.completion, columns: rest)
    }

    private static func score(_ name: String, _ value: Double?) -> String {
        name + " " + (value.map { DecimalText.fixed($0, digits: 2) } ?? "none")
    }

    private static func quoted(_ text: String, columns: Int) -> String {
        // Looking at more than could ever be shown would make a long completion expensive.
        let head = String(text.unicodeScalars.prefix(columns * 8))
        let shown = TerminalText.truncated(TerminalText.escaped(head), columns: columns - 2)
        return "\"\(shown)\""
    }
}
