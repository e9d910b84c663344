import Foundation
import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerProgressTests {
    private func progress() -> LearnerProgress {
        LearnerProgress(
            step: 3, incarnation: 2, nextOrdinal: 11,
            pending: [10: 0, 7: 2, 9: 0, 6: 0, 8: 1], optimizerSteps: 6, tokens: 1234,
            accounting: counts(
                issued: 13, leased: 3, received: 2, consumed: 6, dropped: [.badReward: 2],
                reissued: 4, duplicates: 1))
    }

    private func encoded(_ progress: LearnerProgress) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(progress), as: UTF8.self)
    }

    private func decoded(_ text: String) throws -> LearnerProgress {
        try JSONDecoder().decode(LearnerProgress.self, from: Data(text.utf8))
    }

    @Test("What is written is read back, and pending prompts are written in order")
    func roundTrip() throws {
        let text = try encoded(progress())
        #expect(try decoded(text) == progress())
        #expect(
            text.contains(
                """
                "pending":[{"attempt":0,"ordinal":6},{"attempt":2,"ordinal":7},\
                {"attempt":1,"ordinal":8},{"attempt":0,"ordinal":9},{"attempt":0,"ordinal":10}]
                """))
    }

    @Test("The next incarnation counts what was out or waiting as never issued")
    func start() {
        let start = progress().start(incarnation: 3)
        #expect(start.version == version(3, incarnation: 3))
        #expect(start.nextOrdinal == 11 && start.pending == progress().pending)
        #expect(start.optimizerSteps == 6 && start.tokens == 1234)
        #expect(
            start.accounting
                == counts(
                    issued: 8, consumed: 6, dropped: [.badReward: 2], reissued: 4, duplicates: 1))
        #expect(start.accounting.isBalanced)
    }

    @Test(
        "Impossible progress is an error, not a trap",
        arguments: [
            ("\"step\":3", "\"step\":-3"), ("\"tokens\":1234", "\"tokens\":-1"),
            ("\"optimizerSteps\":6", "\"optimizerSteps\":-6"),
            ("\"nextOrdinal\":11", "\"nextOrdinal\":10"), ("\"leased\":3", "\"leased\":4"),
            ("\"leased\":3", "\"leased\":9223372036854775807"),
            ("\"consumed\":6", "\"consumed\":-6"),
            ("\"incarnation\":2", "\"incarnation\":-1"),
            ("\"attempt\":2", "\"attempt\":5000000000"),
            ("\"pending\":", "\"gone\":"),
        ])
    func hostile(original: String, replacement: String) throws {
        let text = try encoded(progress())
        #expect(text.contains(original))
        let hostile = text.replacingOccurrences(of: original, with: replacement)
        #expect(throws: DecodingError.self) { try decoded(hostile) }
    }
}
