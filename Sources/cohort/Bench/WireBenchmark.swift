/// Groups per second through the real link, without and with a ledger, against libzmq and SQLite alone,
/// over one transport.
package struct WireBenchmark: Sendable {
    package enum Transport: String, Hashable, Sendable, Codable, CaseIterable { case ipc, tcp }

    let load: WireLoad
    let slots: Int
    let rounds: Int
    let pace: Pace
    let directory: String
    /// Measure the link over tcp with CURVE too.
    var measuresCurve = false
    /// Where ledgers are put for the time of a round; `nil`: without.
    var ledgers: LedgerBenchmark?

    /// Measures in alternation, so that whatever else the machine does meets all sides alike.
    func run(
        _ transport: Transport, _ say: @Sendable (String) -> Void
    ) async throws -> WireReport {
        let frames = try load.groupFrames()
        var (link, raw, answered): ([Double], [Double], [Double]) = ([], [], [])
        var curve: [Double] = []
        var ledger = LedgerRounds()
        for round in 1...rounds {
            try Task.checkCancellation()
            raw.append(try await self.raw(transport, frames, answers: []))
            link.append(try await self.link(transport))
            if measuresCurve, transport == .tcp {
                curve.append(try await self.link(transport, isEncrypted: true))
            }
            answered.append(try await self.raw(transport, frames, answers: try load.answerFrames()))
            if let ledgers {
                try await ledgers.measure(exchange(transport), frames, into: &ledger)
            }
            say(
                "\(transport.rawValue), round \(round) of \(rounds): "
                    + DecimalText.compact(link[round - 1]) + " groups/s, libzmq alone "
                    + DecimalText.compact(raw[round - 1]) + ledger.lastText)
        }
        return WireReport(
            transport: transport, link: Rounds(link), raw: Rounds(raw), answered: Rounds(answered),
            curve: curve.isEmpty ? nil : Rounds(curve),
            ledger: LedgerFigures(ledger, link: link, answered: answered),
            groupBytes: Double(frames.reduce(0) { $0 + $1.count }) / Double(frames.count))
    }

    private func link(
        _ transport: Transport, isEncrypted: Bool = false
    ) async throws -> Double {
        try await exchange(transport, isEncrypted: isEncrypted).run().perSecond
    }

    func exchange(_ transport: Transport, isEncrypted: Bool = false) -> LinkExchange {
        LinkExchange(
            endpoint: transport == .ipc ? "ipc://\(directory)/link" : "tcp://127.0.0.1:0",
            load: load, slots: slots, pace: pace, isEncrypted: isEncrypted)
    }

    private func raw(
        _ transport: Transport, _ frames: [[UInt8]], answers: [[UInt8]]
    ) async throws -> Double {
        let endpoint = transport == .ipc ? "ipc://\(directory)/raw" : "tcp://127.0.0.1:*"
        return try await RawExchange(
            endpoint: endpoint, frames: frames, answers: answers, window: slots, pace: pace
        ).run().perSecond
    }
}
