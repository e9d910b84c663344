import Foundation

extension InspectedStep {
    /// For people: what comes from outside is escaped, and shortened to `columns`.
    func text(tokens showsTokens: Bool, columns: Int = 60) -> String {
        var lines = ["step \(step)"]
        for group in groups {
            lines.append(
                "group \(group.group)  version \(group.policyVersion)  staleness \(group.staleness)  worker "
                    + "\(shown(group.worker, columns))  \(shown(group.prompt, columns))")
            for completion in group.completions {
                lines.append("  " + completion.line(shown(completion.text, columns)))
                guard showsTokens else { continue }
                lines += completion.tokens.map { "    " + $0.line(shown($0.text, 20)) }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func shown(_ text: String, _ columns: Int) -> String {
        TerminalText.truncated(TerminalText.escaped(text), columns: columns)
    }
}

extension InspectedStep.Completion {
    fileprivate func line(_ text: String) -> String {
        var parts = ["completion \(completion)", text, "\(length) tokens", finishReason]
        parts.append("reward " + number(reward))
        if rewards.count > 1 {
            parts += rewards.sorted { $0.key < $1.key }.map {
                "\(TerminalText.escaped($0.key)) \(number($0.value))"
            }
        }
        if let advantage { parts.append("advantage " + number(advantage)) }
        if let ratioMean {
            parts.append("ratio \(number(ratioMean)) (\(number(ratioMin)) to \(number(ratioMax)))")
            parts.append("clipped \(clippedLow ?? 0) low, \(clippedHigh ?? 0) high")
        }
        if let klPerToken { parts.append("kl " + number(klPerToken)) }
        return parts.joined(separator: "  ")
    }
}

extension InspectedStep.Token {
    fileprivate func line(_ text: String) -> String {
        var parts = ["\(id)", text, "behavior " + number(Double(behaviorLogprob))]
        if let proximalLogprob { parts.append("proximal " + number(proximalLogprob)) }
        if let currentLogprob { parts.append("current " + number(currentLogprob)) }
        if let ratio { parts.append("ratio " + number(ratio)) }
        if let clip { parts.append("clipped \(clip)") }
        if let kl { parts.append("kl " + number(kl)) }
        return parts.joined(separator: "  ")
    }
}

private func number(_ value: Double?) -> String {
    value.map { String(format: "%.6g", $0) } ?? "none"
}
