package import GRPO
package import Ports
package import Tokenization

/// The run's reward functions together: built-in ones and those of programs, each with its weight.
package struct RewardPanel: GroupScorer {
    /// A reward program and which of the run's functions are its.
    private struct Member: Sendable {
        var program: RewardProgram
        /// Places in `rewardNames`.
        var places: [Int]
    }

    package let rewardNames: [String]
    private let weights: [Double]
    private let builtIn: [(place: Int, function: any RewardFunction)]
    private var members: [Member] = []
    private let defaultReward: Double?
    private let reader: CompletionReader

    /// Runs `body` with the functions of `plan`, their programs started. `role` is the process's, such as
    /// "worker-0": the programs' logs are called after it. Messages about programs go to `note`.
    ///
    /// Throws what `body` throws, `RewardProgramError` where a program does not start or its functions are
    /// not those of the plan, and `UnknownGrader` for a function that nobody offers.
    package static func withPanel<Result>(
        _ plan: RewardPlan, tokenizer: Tokenizer, stopTokens: [Int32], role: String,
        note: @escaping @Sendable (String) -> Void, _ body: (RewardPanel) async throws -> Result
    ) async throws -> Result {
        let programs = plan.programs?.programs(role: role, note: note) ?? []
        do {
            var panel = try Self(plan, tokenizer: tokenizer, stopTokens: stopTokens)
            try await panel.start(programs)
            let result = try await body(panel)
            for program in programs { await program.stop() }
            return result
        } catch {
            for program in programs { await program.stop() }
            throw error
        }
    }

    private init(_ plan: RewardPlan, tokenizer: Tokenizer, stopTokens: [Int32]) throws {
        rewardNames = plan.names
        weights = plan.weights
        defaultReward = plan.programs?.defaultReward
        reader = CompletionReader(tokenizer: tokenizer, stopTokens: Set(stopTokens))
        var builtIn: [(place: Int, function: any RewardFunction)] = []
        for (place, name) in plan.names.enumerated() {
            if plan.programs != nil, !Graders.names.contains(name) { continue }
            let function = try Graders.named(
                name, tokenizer: tokenizer, stopTokens: stopTokens, parameters: plan.parameters
            ).function
            builtIn.append((place, function))
        }
        self.builtIn = builtIn
    }

    /// Every function that is not built in must be offered by exactly one program.
    private mutating func start(_ programs: [RewardProgram]) async throws {
        var owner: [String: String] = [:]
        for (place, _) in builtIn { owner[rewardNames[place]] = "Cohort itself" }
        for program in programs {
            let offered = try await program.start()
            let places = rewardNames.indices.filter { offered.contains(rewardNames[$0]) }
            for name in places.map({ rewardNames[$0] }) {
                if let other = owner.updateValue(program.name, forKey: name) {
                    throw RewardProgramError(
                        description: "the reward \"\(name)\" is offered by \(other) and by \(program.name); "
                            + "give one of them another name")
                }
            }
            guard !places.isEmpty else {
                throw RewardProgramError(
                    description: "\(program.name) offers \(offered.joined(separator: ", ")), and reward.name "
                        + "has none of them")
            }
            members.append(Member(program: program, places: places))
        }
        if let name = rewardNames.first(where: { owner[$0] == nil }) {
            throw RewardProgramError(
                description: "no reward program offers \"\(name)\", and it is not built in "
                    + "(\(Graders.names.joined(separator: ", ")))")
        }
    }

    package func scored(_ group: Group, columns: String) async throws -> Group {
        var table = [[Double?]](
            repeating: .init(repeating: nil, count: group.completions.count), count: rewardNames.count)
        for (place, function) in builtIn {
            table[place] = try await function.rewards(for: group, columns: columns)
        }
        let judgements = try await judge(group, columns: columns)
        for (member, outcomes) in zip(members, judgements) {
            for (index, outcome) in outcomes.enumerated() {
                switch outcome {
                case .rewards(let rewards):
                    for place in member.places { table[place][index] = rewards[rewardNames[place]] ?? nil }
                case .failed(let sentence):
                    guard let defaultReward else { return group.failed(sentence) }
                    for place in member.places { table[place][index] = defaultReward }
                case .abandoned(let sentence): return group.failed(sentence)
                }
            }
        }
        return group.rewarded(table, weights: weights)
    }

    /// What each program says, side by side; (programs, G).
    private func judge(_ group: Group, columns: String) async throws -> [[RewardOutcome]] {
        guard !members.isEmpty else { return [] }
        let items = requests(group, columns: columns)
        return try await withThrowingTaskGroup(of: (Int, [RewardOutcome]).self) { tasks in
            for (index, member) in members.enumerated() {
                tasks.addTask { (index, try await member.program.judge(items)) }
            }
            var judgements = [[RewardOutcome]](repeating: [], count: members.count)
            for try await (index, outcomes) in tasks { judgements[index] = outcomes }
            return judgements
        }
    }

    private func requests(_ group: Group, columns: String) -> [RewardRequest] {
        let prompt = reader.tokenizer.decode(group.prompt, skipSpecialTokens: false)
        return group.completions.enumerated().map { index, completion in
            RewardRequest(
                prompt: prompt, completion: reader.wholeText(completion),
                tokens: completion.tokens.count,
                finishReason: completion.finishReason == .stop ? "stop" : "length", columns: columns,
                place: "completion \(index) (\(group.key))")
        }
    }
}

extension Group {
    /// Without rewards, and with the reason cut to what may travel.
    fileprivate func failed(_ sentence: String) -> Group {
        var group = self
        var reason = sentence
        while reason.utf8.count > 2_000 { reason = String(reason.prefix(reason.count - 100)) }
        group.scoringFailure = reason
        return group
    }
}

extension RewardPrograms {
    fileprivate func programs(
        role: String, note: @escaping @Sendable (String) -> Void
    ) -> [RewardProgram] {
        commands.enumerated().map { index, command in
            RewardProgram(
                command: command, directory: directory,
                log: "\(logDirectory)/reward-\(index + 1)-\(role).log",
                limits: RewardLimits(
                    item: .seconds(secondsPerItem), start: .seconds(secondsToStart), restarts: restarts,
                    retries: retries),
                note: note)
        }
    }
}
