/// What must not happen did: the seed that shows it, and what came before.
package struct Violation: Error, Hashable, CustomStringConvertible {
    package var seed: UInt64
    package var what: String
    package var time: Duration
    /// The setup's settings.
    package var setup: String
    /// The last events, oldest first; empty if the run was not traced.
    package var trace: [String]

    package var description: String {
        var lines = ["seed \(seed), at \(seconds(time)): \(what)", "setup: \(setup)"]
        if !trace.isEmpty { lines.append("the last \(trace.count) events:") }
        lines += trace.map { "  " + $0 }
        return lines.joined(separator: "\n")
    }
}

/// "12.345 s"
func seconds(_ duration: Duration) -> String {
    let milliseconds = Int64((duration / .milliseconds(1)).rounded())
    let rest = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
}

/// The last events, for whoever looks for the cause of a violation.
struct Trace {
    private static let kept = 60

    let isOn: Bool
    private var lines: [String] = []

    init(isOn: Bool) { self.isOn = isOn }

    var last: [String] { Array(lines.suffix(Self.kept)) }

    mutating func note(_ time: Duration, _ text: @autoclosure () -> String) {
        guard isOn else { return }
        if lines.count >= 2 * Self.kept { lines.removeFirst(Self.kept) }
        lines.append("\(seconds(time))  \(text())")
    }
}
