extension ObjectiveDocument {
    func place(_ group: Int, _ completion: Int) -> DocumentPlace {
        DocumentPlace(group: group, id: groups[group].id ?? "\(group)", completion: completion)
    }

    /// Throws for lists of wrong length, groups of several prompts, and what `settings` need and is missing.
    func validate(_ settings: AlgorithmSettings) throws(DocumentError) {
        guard !groups.isEmpty else { throw .noGroups }
        if let limit = maxCompletionLength, limit < 1 { throw .badLimit(limit) }
        for (index, group) in groups.enumerated() {
            let id = group.id ?? "\(index)"
            guard !group.completions.isEmpty else { throw .emptyGroup(group: index, id: id) }
            if let other = group.completions.firstIndex(where: {
                $0.prompt != group.completions[0].prompt
            }) {
                throw .mixedPrompts(group: index, id: id, completion: other)
            }
            for (sample, completion) in group.completions.enumerated() {
                try validate(completion, place(index, sample), settings)
            }
        }
        try validateStep()
    }

    private func validate(
        _ completion: DocumentCompletion, _ place: DocumentPlace, _ settings: AlgorithmSettings
    ) throws(DocumentError) {
        let expected = completion.logprobs.count
        for (key, count, reason) in completion.lists(settings) {
            if let count {
                guard count == expected else {
                    throw .wrongCount(place, key: key, count: count, expected: expected)
                }
            } else if let reason {
                throw .missing(place, key: key, reason: reason)
            }
        }
        guard !completion.hasAdvantages, completion.reward == nil else { return }
        guard let rewards = completion.rewards else {
            throw .missing(place, key: "reward", reason: "neither rewards nor an advantage are given")
        }
        guard rewards.keys.sorted() == rewardNames else {
            throw .differentRewards(place, names: rewards.keys.sorted(), expected: rewardNames)
        }
    }

    private func validateStep() throws(DocumentError) {
        guard let step else { return }
        let completions = groups.flatMap(\.completions)
        let tokens = completions.reduce(0) { $0 + ($1.mask?.count { $0 } ?? $1.logprobs.count) }
        for (key, count, held) in [
            ("prompts", step.prompts, groups.count),
            ("completions", step.completions, completions.count),
            ("tokens", step.tokens, tokens),
        ] where count < held {
            // Truncated completions may be masked out by configuration, so tokens may be fewer.
            if key == "tokens", completions.contains(where: { $0.finishReason == .length }) { continue }
            throw .badStep(key: key, count: count, held: held)
        }
    }

    /// The reward functions, by name.
    var rewardNames: [String] {
        (groups[0].completions[0].rewards ?? [:]).keys.sorted()
    }
}

extension DocumentCompletion {
    var hasAdvantages: Bool { advantage != nil || advantages != nil }

    /// Each per-token list: its key, its length where it is there, and why it is needed where it is.
    fileprivate func lists(_ settings: AlgorithmSettings) -> [(String, Int?, String?)] {
        let objective = settings.objective
        let needsRewardKL =
            objective.klPlacement == .reward && objective.beta != 0 && !hasAdvantages
        let readsReference = objective.needsReferenceLogprobs || needsRewardKL
        let needsBaseline = settings.advantage.baseline.needsValues && !hasAdvantages
        let needsEntropies = objective.entropyCoef != 0 || objective.topEntropyQuantile < 1
        return [
            ("behavior_logprobs", behaviorLogprobs.count, nil),
            ("proximal_logprobs", proximalLogprobs?.count, nil),
            (
                "reference_logprobs", referenceLogprobs?.count,
                readsReference ? "beta is \(objective.beta)" : nil
            ),
            (
                "entropies", entropies?.count,
                needsEntropies ? "entropy_coef or top_entropy_quantile reads them" : nil
            ),
            (
                "divergences", divergences?.count,
                objective.needsDivergences ? "kl_estimator is \"full\"" : nil
            ),
            (
                "values", values?.count,
                needsBaseline || objective.vfCoef != 0
                    ? "advantage_baseline or vf_coef reads them" : nil
            ),
            ("mask", mask?.count, nil), ("advantages", advantages?.count, nil),
        ]
    }
}
