/// What the progress display says of one step. Pure: no clock, no terminal.
package struct ProgressLine: Hashable, Sendable {
    package var step: Int
    package var total: Int
    package var reward: Double?
    package var kl: Double?
    /// Tokens.
    package var meanLength: Double?
    package var tokensPerSecond: Double?
    package var liveWorkers: Int
    package var expectedWorkers: Int
    /// Time left; `nil`: not known yet.
    package var remaining: Duration?

    package init(
        step: Int, total: Int, reward: Double? = nil, kl: Double? = nil, meanLength: Double? = nil,
        tokensPerSecond: Double? = nil, liveWorkers: Int, expectedWorkers: Int,
        remaining: Duration? = nil
    ) {
        self.step = step
        self.total = total
        self.reward = reward
        self.kl = kl
        self.meanLength = meanLength
        self.tokensPerSecond = tokensPerSecond
        self.liveWorkers = liveWorkers
        self.expectedWorkers = expectedWorkers
        self.remaining = remaining
    }

    /// Parts in the order in which they stand, and how long each is kept when space is short: the
    /// highest goes first.
    private enum Part: Int, CaseIterable {
        case step = 0, reward = 1, kl = 4, length = 6, speed = 5, workers = 3, remaining = 2

        static let inOrder: [Part] = [.step, .reward, .kl, .length, .speed, .workers, .remaining]
    }

    /// One line for a terminal, at most `columns` wide: the bar shrinks first, then the least
    /// important parts go.
    package func fitted(columns: Int, style: TextStyle = .plain) -> String {
        var kept = Part.inOrder.filter { text(of: $0) != nil }
        var bar = 20
        while width(of: kept, bar: bar) > columns {
            if bar > 8 {
                bar -= 4
            } else if kept.count > 2, let least = kept.max(by: { $0.rawValue < $1.rawValue }) {
                kept.removeAll { $0 == least }
            } else if bar > 0 {
                bar = 0
            } else if kept.count > 1 {
                kept.removeLast()
            } else {
                return TerminalText.truncated(text(of: .step) ?? "", columns: columns)
            }
        }
        let parts = kept.compactMap { part in text(of: part).map { styled($0, part, style) } }
        return ((bar > 0 ? [barText(bar, style)] : []) + parts).joined(separator: "  ")
    }

    /// One line for a log file or a pipe: everything, in fixed places.
    package var plain: String {
        "step " + Part.inOrder.compactMap(text).joined(separator: "  ")
    }

    private func width(of parts: [Part], bar: Int) -> Int {
        let widths = parts.compactMap { text(of: $0)?.count } + (bar > 0 ? [bar + 2] : [])
        return widths.reduce(0, +) + 2 * max(0, widths.count - 1)
    }

    private func text(of part: Part) -> String? {
        switch part {
        case .step:
            let total = String(total)
            return String(repeating: " ", count: max(0, total.count - String(step).count))
                + "\(step)/\(total)"
        case .reward: return reward.map { "reward " + DecimalText.fixed($0, digits: 3) }
        case .kl: return kl.map { "kl " + DecimalText.fixed($0, digits: 4) }
        case .length: return meanLength.map { "length " + DecimalText.fixed($0, digits: 1) }
        case .speed: return tokensPerSecond.map { DecimalText.compact($0) + " tok/s" }
        case .workers: return "workers \(liveWorkers)/\(expectedWorkers)"
        case .remaining: return remaining.map { DecimalText.duration($0) + " left" }
        }
    }

    private func barText(_ width: Int, _ style: TextStyle) -> String {
        let share = total > 0 ? min(1, max(0, Double(step) / Double(total))) : 0
        let full = Int(share * Double(width))
        return "[" + style.green(String(repeating: "#", count: full))
            + style.dim(String(repeating: "-", count: width - full)) + "]"
    }

    private func styled(_ text: String, _ part: Part, _ style: TextStyle) -> String {
        switch part {
        case .reward: style.bold(text)
        case .workers where liveWorkers < expectedWorkers: style.yellow(text)
        default: text
        }
    }
}
