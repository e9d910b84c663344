import Foundation
import GRPO
import Ports
import Testing
import Training

@Suite struct LearnerProgressTests {
    private func progress() -> LearnerProgress {
        LearnerProgress(
            step: 1, incarnation: 2, optimizerSteps: 6, tokens: 1234,
            journal: JournalPosition(count: 9, chain: [UInt8](repeating: 7, count: 32)))
    }

    private func encoded(_ progress: LearnerProgress) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(progress), as: UTF8.self)
    }

    private func decoded(_ text: String) throws -> LearnerProgress {
        try JSONDecoder().decode(LearnerProgress.self, from: Data(text.utf8))
    }

    @Test("What is written is read back")
    func roundTrip() throws {
        #expect(try decoded(encoded(progress())) == progress())
    }

    @Test("The next learner starts from the checkpoint's version and the journal's history")
    func start() throws {
        let group = JournalEntry.group(answer(makeTicket(ordinal: 0)), from: alice)
        let history = try RunHistory([
            .start(incarnation: 2), group, .batch(step: 0, members: [0]),
        ])
        let start = try progress().start(incarnation: 3, history: history)
        #expect(start.version == version(1, incarnation: 3) && start.history == history)
        #expect(start.optimizerSteps == 6 && start.tokens == 1234)
    }

    @Test("A journal that ends before the checkpoint is refused")
    func lostJournal() {
        let error = #expect(throws: JournalInconsistent.self) {
            try progress().start(incarnation: 3, history: RunHistory())
        }
        #expect("\(error!)" == "the checkpoint was taken after 1 batches and the journal holds 0")
    }

    @Test(
        "Impossible progress is an error, not a trap",
        arguments: [
            ("\"step\":1", "\"step\":-3"), ("\"tokens\":1234", "\"tokens\":-1"),
            ("\"optimizerSteps\":6", "\"optimizerSteps\":-6"), ("\"count\":9", "\"count\":-9"),
            ("\"incarnation\":2", "\"incarnation\":-1"), ("\"journal\":", "\"gone\":"),
        ])
    func hostile(original: String, replacement: String) throws {
        let text = try encoded(progress())
        #expect(text.contains(original))
        let hostile = text.replacingOccurrences(of: original, with: replacement)
        #expect(throws: DecodingError.self) { try decoded(hostile) }
    }
}
