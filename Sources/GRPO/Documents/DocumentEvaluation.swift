extension ObjectiveDocument {
    /// Advantages in float64, loss and gradients in `Scalar`.
    ///
    /// Throws `DocumentError`, with the completion's id where there is one.
    public func evaluate<Scalar: ObjectiveScalar>(
        _ settings: AlgorithmSettings, profile: String, in _: Scalar.Type = Double.self
    ) throws(DocumentError) -> ObjectiveAnswer {
        try validate(settings)
        do { try settings.objective.validate() } catch { throw .objective(error, nil) }
        let rewards = try DocumentRewards(self, settings)
        let members = members(rewards)
        let completions = members.flatMap { $0 }
        let evaluation: ObjectiveEvaluation<Scalar>
        do {
            evaluation = try Objective(
                configuration: settings.objective, step: extent(members, settings.objective)
            ).evaluation(completions[...], inputs())
        } catch {
            throw .objective(error, error.completion.map { place($0) })
        }
        let known = rewards.totals.joined().compactMap { $0 }
        return ObjectiveAnswer(
            profile: profile, advantages: rewards.advantages, statistics: evaluation.statistics,
            gradient: nested(evaluation.gradients.logprobs),
            entropyGradient: nested(evaluation.gradients.entropies),
            divergenceGradient: nested(evaluation.gradients.divergences),
            valueGradient: nested(evaluation.gradients.values), staleness: staleness,
            rewardScale: known.reduce(0) { $0 + abs($1) } / Double(max(1, known.count)))
    }

    private var staleness: [Int] {
        guard let learnerVersion else { return [] }
        let known = groups.compactMap(\.version)
        return known.count == groups.count ? known.map { learnerVersion - $0 } : []
    }

    private func place(_ id: CompletionID) -> DocumentPlace {
        place(Int(id.ticket.promptIndex), Int(id.sample))
    }

    private func members(_ rewards: DocumentRewards) -> [[TrainingCompletion]] {
        groups.indices.map { group in
            groups[group].completions.enumerated().map { sample, completion in
                let id = CompletionID(
                    ticket: TicketKey(pass: 0, promptIndex: UInt32(group), attempt: 0),
                    sample: UInt32(sample))
                var member = completion.training(id, rewards.advantages[group][sample])
                member.isInConstantGroup = rewards.isConstant[group]
                member.reward = rewards.totals[group][sample] ?? 0
                return member
            }
        }
    }

    private func extent(
        _ members: [[TrainingCompletion]], _ configuration: ObjectiveConfiguration
    ) -> StepExtent {
        var extent = StepExtent(
            groups: members, configuration: configuration, maxCompletionLength: maxCompletionLength)
        let completions = members.flatMap { $0 }
        extent.selectHighEntropy(
            completions,
            entropies: groups.flatMap { $0.completions.map { ($0.entropies ?? []).map { $0 ?? .nan } } },
            configuration: configuration)
        guard let step else { return extent }
        extent.spread(over: step, completions: completions, configuration)
        return extent
    }

    /// The documents' numbers in the order of the completions.
    private func inputs<Scalar>() -> TokenInputs<Scalar> {
        let completions = groups.flatMap(\.completions)
        func flat(_ path: (DocumentCompletion) -> [Double?]?) -> [Scalar] {
            let lists = completions.map(path)
            guard lists.allSatisfy({ $0 != nil }) else { return [] }
            return lists.flatMap { ($0 ?? []).map { Scalar($0 ?? .nan) } }
        }
        return TokenInputs(
            logprobs: flat(\.logprobs), entropies: flat(\.entropies),
            divergences: flat(\.divergences), values: flat(\.values))
    }

    private func nested<Scalar: ObjectiveScalar>(_ flat: [Scalar]) -> [[[Double]]] {
        guard !flat.isEmpty else { return [] }
        var rest = flat[...]
        return groups.map { group in
            group.completions.map { completion in
                let own = rest.prefix(completion.logprobs.count)
                rest = rest.dropFirst(own.count)
                return own.map { Double($0) }
            }
        }
    }
}

extension DocumentCompletion {
    fileprivate func training(
        _ id: CompletionID, _ advantage: CompletionAdvantage
    ) -> TrainingCompletion {
        func numbers(_ list: [Double?]?) -> [Double] { (list ?? []).map { $0 ?? .nan } }
        var result = TrainingCompletion(
            id: id, advantage: advantage.value ?? 0, behaviorLogprobs: numbers(behaviorLogprobs),
            referenceLogprobs: numbers(referenceLogprobs), lossMask: mask)
        if case .tokens(let values) = advantage { result.tokenAdvantages = values }
        result.proximalLogprobs = numbers(proximalLogprobs)
        result.isTruncated = finishReason == .length
        return result
    }
}

extension StepExtent {
    /// Denominators of a step of which these completions are one micro-batch.
    fileprivate mutating func spread(
        over step: DocumentStep, completions: [TrainingCompletion],
        _ configuration: ObjectiveConfiguration
    ) {
        let held = max(1, all.completions)
        if configuration.perDeviceTrainBatchSize == nil {
            for completion in completions { microBatchTokens[completion.id] = max(1, all.tokens) }
        }
        microBatches *= Double(step.completions) / Double(held)
        let silent = Counts(
            prompts: all.prompts - policy.prompts, completions: all.completions - policy.completions,
            nonEmpty: all.nonEmpty - policy.nonEmpty, tokens: all.tokens - policy.tokens)
        all = Counts(
            prompts: step.prompts, completions: step.completions, nonEmpty: all.nonEmpty,
            tokens: step.tokens)
        policy = Counts(
            prompts: max(0, all.prompts - silent.prompts),
            completions: max(0, all.completions - silent.completions),
            nonEmpty: max(0, all.nonEmpty - silent.nonEmpty),
            tokens: max(0, all.tokens - silent.tokens))
    }
}

extension ObjectiveError {
    /// The completion that it is about.
    public var completion: CompletionID? {
        switch self {
        case .badParameter, .badCombination, .wrongTotal: nil
        case .wrongCount(let id, _, _, _), .nonFinite(let id, _, _, _), .nonFiniteAdvantage(let id, _),
            .nonFiniteReward(let id, _), .tokenAdvantages(let id, _), .nonFiniteLoss(let id): id
        }
    }
}
