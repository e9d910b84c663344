package import GRPO

/// Makes the ticket of each place in the run: prompt order, version rule and prompts in one.
///
/// Where constant groups are replaced (`dynamic_sampling`), every further attempt at a place draws another
/// prompt, from an order of its own that depends on place and attempt alone. The pass of such a ticket has its
/// highest bit set, so that its random numbers are its own.
package struct TicketSource: Sendable {
    private let plan: SchedulePlan
    private let prompts: [TrainingPrompt]
    private let scoresHere: Bool
    private let replacementsMax: Int
    private var order: PromptOrder
    private var replacements: PromptOrder

    package init(_ setup: LearnerSetup, prompts: [TrainingPrompt]) {
        plan = setup.plan
        self.prompts = prompts
        scoresHere = setup.scoresHere
        replacementsMax = setup.replacementsMax
        order = PromptOrder(count: prompts.count, seed: setup.seed, shuffles: setup.shuffles)
        replacements = PromptOrder(
            count: prompts.count, seed: setup.seed ^ Self.replacementSeed, shuffles: true)
    }

    /// The ticket, or `nil` while the version that it must be sampled from does not exist.
    package mutating func ticket(
        ordinal: UInt64, attempt: UInt32, current: PolicyVersion
    ) -> Ticket? {
        guard let number = plan.version(forOrdinal: ordinal, current: current.number) else {
            return nil
        }
        let (pass, row) = place(ordinal, attempt)
        let prompt = prompts[Int(row)]
        return Ticket(
            key: TicketKey(pass: pass, promptIndex: row, attempt: attempt), ordinal: ordinal,
            version: PolicyVersion(incarnation: current.incarnation, number: number),
            prompt: prompt.tokens, columns: scoresHere ? "" : prompt.columns)
    }

    private static let replacementSeed: UInt64 = 0x7265_706C_6163_6521
    private static let replacementPass: UInt32 = 1 << 31

    private mutating func place(_ ordinal: UInt64, _ attempt: UInt32) -> (UInt32, UInt32) {
        guard replacementsMax > 0, attempt > 0 else { return order.place(of: ordinal) }
        // Attempts after lost rewards come on top of replacements, so the places may overlap; keys do not,
        // for the attempt is part of them.
        let (pass, row) = replacements.place(
            of: ordinal &* UInt64(replacementsMax) &+ UInt64(attempt - 1))
        return (pass | Self.replacementPass, row)
    }

    /// The columns that the reward of the ticket's prompt needs.
    package func columns(of key: TicketKey) -> String { prompts[Int(key.promptIndex)].columns }
}
