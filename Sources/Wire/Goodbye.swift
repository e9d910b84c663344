/// Why a side leaves, and what the other one should make of it.
package enum Farewell: Int, Sendable, CaseIterable {
    /// Worker: drained. Learner: the run is complete, so workers exit with success.
    case finished = 1
    /// The same name or run will be back, so the other side keeps what it holds.
    case restarting = 2
    /// Worker: it gives up. Learner: the run has failed, so workers exit with failure.
    case failed = 3
}

/// GOODBYE, either way.
package struct Goodbye: Hashable, Sendable {
    package var farewell: Farewell
    /// For a person; may be empty.
    package var reason: String

    package init(_ farewell: Farewell, reason: String) {
        self.farewell = farewell
        self.reason = reason
    }
}

extension Goodbye: Command {
    init(_ header: ProtoGoodbye, payload: PayloadReader) throws(WireError) {
        guard let farewell = Farewell(rawValue: header.farewell.rawValue) else {
            throw WireError(.badField, "a GOODBYE has the farewell \(header.farewell.rawValue)")
        }
        self.init(farewell, reason: header.reason)
    }

    func check() throws(WireError) { try WireError.check(string: reason, "a reason") }

    func describe(in header: inout ProtoGoodbye, payload: inout PayloadWriter) {
        header.farewell = .init(rawValue: farewell.rawValue) ?? .unspecified
        header.reason = reason
    }
}
