/// What must not happen did: the seed that shows it, and what came before.
package struct Violation: Error, Hashable, CustomStringConvertible {
    package var seed: UInt64
    package var what: String
    package var time: Duration
    /// Events so far.
    package var events: Int
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

extension Violation {
    /// "name 5, name 0.300 s, …" for all of a value's parts.
    static func settings(of value: Any) -> String {
        Mirror(reflecting: value).children.map { child in
            let name = child.label ?? "?"
            switch child.value {
            case let duration as Duration: return "\(name) \(seconds(duration))"
            case let delay as Delay: return "\(name) (\(settings(of: delay)))"
            case let plan as FaultRates: return "\(name) (\(settings(of: plan)))"
            case Optional<Any>.none: return "\(name) never"
            case let duration as Duration?: return "\(name) \(duration.map(seconds) ?? "never")"
            default: return "\(name) \(child.value)"
            }
        }.joined(separator: ", ")
    }
}

/// "12.345 s"
func seconds(_ duration: Duration) -> String {
    let milliseconds = Int64((duration / .milliseconds(1)).rounded())
    let rest = String(milliseconds % 1_000)
    return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
}

/// The events before a moment that is known from an earlier run of the same seed.
struct Trace {
    private static let kept = 60
    private static let width = 400

    /// The event that is noted last.
    let end: Int
    /// The number of the present one.
    var event = 0
    private(set) var lines: [String] = []

    /// `end`: the last event to note; `nil`: none is.
    init(before end: Int?) { self.end = end ?? -1 }

    mutating func note(_ time: Duration, _ text: @autoclosure () -> String) {
        guard event <= end, event > end - Self.kept else { return }
        lines.append("\(seconds(time))  \(text().prefix(Self.width))")
    }
}
