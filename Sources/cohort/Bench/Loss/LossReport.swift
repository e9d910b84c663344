/// What became of the messages of one pattern.
package struct LossCount: Hashable, Sendable, Codable {
    package var pattern: String
    /// What was done to it.
    package var treatment: String
    /// Different messages that the sender was told were sent.
    package var sent: Int
    /// Sends that failed, as the sender was told. A send that has to wait for room is none.
    package var sendErrors: Int
    /// Different messages that the reader has processed.
    package var processed: Int
    /// Messages that were processed more than once.
    package var processedAgain: Int
    package var lost: Int
    package var lostShare: Double

    package init(
        pattern: String, treatment: String, sent: Int, sendErrors: Int, processed: Int,
        processedAgain: Int = 0
    ) {
        self.pattern = pattern
        self.treatment = treatment
        self.sent = sent
        self.sendErrors = sendErrors
        self.processed = processed
        self.processedAgain = processedAgain
        lost = sent - processed
        lostShare = sent == 0 ? 0 : Double(sent - processed) / Double(sent)
    }
}

/// What `cohort bench loss` found.
package struct LossReport: Hashable, Sendable, Codable {
    package var patterns: [LossCount]
    package var machine: BenchMachine

    package init(patterns: [LossCount], machine: BenchMachine) {
        self.patterns = patterns
        self.machine = machine
    }

    /// For people.
    package var text: String {
        let head = ["pattern", "treatment", "sent", "send errors", "processed", "twice", "lost", ""]
        let rows = patterns.map {
            [
                $0.pattern, $0.treatment, "\($0.sent)", "\($0.sendErrors)", "\($0.processed)",
                "\($0.processedAgain)", "\($0.lost)",
                DecimalText.fixed($0.lostShare * 100, digits: 1) + " %",
            ]
        }
        let table = TextTable(
            rows: [head] + rows, alignments: [.left, .left] + head.dropFirst(2).map { _ in .right })
        return machine.text + table.text
    }
}
