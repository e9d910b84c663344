import ArgumentParser

/// `cohort profiles`: what is called GRPO, side by side.
struct ProfilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "Named choices of advantage and objective, or a group's advantages under each.",
        discussion: """
            cohort profiles                       what each profile states
            cohort profiles --rewards 1,0,0,0     the group's advantages under every profile, and under \
            every rule that other systems call GRPO
            """)

    @Option(help: "Rewards of one group, separated by commas.")
    var rewards: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let table = ProfileTable()
        guard let rewards = try numbers() else {
            return StandardStream.output.write(json ? table.json : table.text)
        }
        StandardStream.output.write(
            json ? table.json(rewards: rewards) : table.text(rewards: rewards))
    }

    private func numbers() throws -> [Double]? {
        guard let rewards else { return nil }
        return try rewards.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let text = part.filter { $0 != " " }
            guard let number = Double(text), number.isFinite else {
                throw ValidationError(
                    "--rewards must be finite numbers separated by commas, and \"\(part)\" is none")
            }
            return number
        }
    }
}
