internal import GRPO
package import Ports

/// The learner's own part of a checkpoint: what it must know beside weights, optimiser and journal to go on
/// as if nothing had happened.
///
/// Random numbers and the place in the data need no state of their own: both are functions of the run's seed
/// and of the places of the run (`TicketKey`) that the journal names.
package struct LearnerProgress: Hashable, Sendable, Codable {
    /// Batches consumed; also the number of the checkpoint's version.
    package var step: Int
    package var incarnation: UInt32
    package var optimizerSteps: Int
    package var tokens: Int
    /// How far the journal went when the checkpoint was taken. Everything that led to it is in there.
    package var journal: JournalPosition

    package init(
        step: Int, incarnation: UInt32, optimizerSteps: Int, tokens: Int, journal: JournalPosition
    ) {
        self.step = step
        self.incarnation = incarnation
        self.optimizerSteps = optimizerSteps
        self.tokens = tokens
        self.journal = journal
    }

    /// Throws `DecodingError` also for counts that no run can have.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            step: try container.decode(Int.self, forKey: .step),
            incarnation: try container.decode(UInt32.self, forKey: .incarnation),
            optimizerSteps: try container.decode(Int.self, forKey: .optimizerSteps),
            tokens: try container.decode(Int.self, forKey: .tokens),
            journal: try container.decode(JournalPosition.self, forKey: .journal))
        guard [step, optimizerSteps, tokens, Int(journal.count)].allSatisfy({ $0 >= 0 }) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: "a count is negative"))
        }
    }

    /// Where the next learner starts, whose journal's `history` is.
    ///
    /// Throws `JournalInconsistent` where the journal does not hold what led to the checkpoint.
    package func start(
        incarnation: UInt32, history: RunHistory
    ) throws(JournalInconsistent) -> LearnerStart {
        guard history.batches.count >= step else {
            throw JournalInconsistent(
                "the checkpoint was taken after \(step) batches and the journal holds \(history.batches.count)")
        }
        return LearnerStart(
            version: PolicyVersion(incarnation: incarnation, number: UInt64(step)),
            optimizerSteps: optimizerSteps, tokens: tokens, history: history)
    }
}
