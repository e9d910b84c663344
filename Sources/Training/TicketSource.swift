package import GRPO

/// Makes the ticket of each place in the run: prompt order, version rule and prompts in one.
package struct TicketSource: Sendable {
    private let plan: SchedulePlan
    private let prompts: [TrainingPrompt]
    private let scoresHere: Bool
    private var order: PromptOrder

    package init(_ setup: LearnerSetup, prompts: [TrainingPrompt]) {
        plan = setup.plan
        self.prompts = prompts
        scoresHere = setup.scoresHere
        order = PromptOrder(count: prompts.count, seed: setup.seed, shuffles: setup.shuffles)
    }

    /// The ticket, or `nil` while the version that it must be sampled from does not exist.
    package mutating func ticket(
        ordinal: UInt64, attempt: UInt32, current: PolicyVersion
    ) -> Ticket? {
        guard let number = plan.version(forOrdinal: ordinal, current: current.number) else {
            return nil
        }
        let (pass, row) = order.place(of: ordinal)
        let prompt = prompts[Int(row)]
        return Ticket(
            key: TicketKey(pass: pass, promptIndex: row, attempt: attempt), ordinal: ordinal,
            version: PolicyVersion(incarnation: current.incarnation, number: number),
            prompt: prompt.tokens, columns: scoresHere ? "" : prompt.columns)
    }

    /// The columns that the reward of the ticket's prompt needs.
    package func columns(of key: TicketKey) -> String { prompts[Int(key.promptIndex)].columns }
}
