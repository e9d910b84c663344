/// Rewards, shaping and advantages of a document.
struct DocumentRewards {
    /// (groups, G).
    let advantages: [[CompletionAdvantage]]
    /// The weighted sum with what shapes it; `nil`: no function applies or none is given.
    let totals: [[Double?]]
    /// Whether a group's equal rewards silence it.
    let isConstant: [Bool]

    init(_ document: ObjectiveDocument, _ settings: AlgorithmSettings) throws(DocumentError) {
        let table = RewardTable(document, settings)
        let weights = try table.weights()
        totals = table.groups.map { $0.totals(weights: weights) }
        let isGiven = document.groups.flatMap(\.completions).contains(where: \.hasAdvantages)
        guard !isGiven else {
            advantages = document.groups.map { $0.completions.map(\.givenAdvantage) }
            isConstant = document.groups.map { _ in false }
            return
        }
        do {
            advantages = try GRPO.advantages(
                ofBatch: table.groups, weights: weights, rule: settings.advantage)
        } catch {
            throw .advantage(error, id: document.name(of: error))
        }
        isConstant = totals.map { group in
            let scored = group.compactMap { $0 }
            return settings.advantage.comparesWithinGroup && scored.count > 1
                && GRPO.isConstant(scored)
        }
    }
}

extension DocumentCompletion {
    fileprivate var givenAdvantage: CompletionAdvantage {
        if let advantages { return .tokens(advantages.map { $0 ?? .nan }) }
        return .whole(advantage ?? .nan)
    }
}

extension ObjectiveDocument {
    fileprivate func name(of error: AdvantageError) -> String {
        switch error {
        case .tooFewRewards(let group, _), .nonFiniteReward(let group, _, _),
            .missingReward(let group, _), .wrongRewardCount(let group, _, _, _),
            .wrongGroupSize(let group, _, _), .mixedPrompts(let group, _),
            .missingValues(let group, _), .nonFiniteValue(let group, _, _), .outOfRange(let group):
            groups[group].id ?? "\(group)"
        case .badEpsilon, .unsupportedBaseline: groups[0].id ?? "0"
        }
    }
}

/// The reward functions' columns, and one more for each way of shaping.
private struct RewardTable {
    let groups: [GroupRewards]
    private let document: ObjectiveDocument
    private let shapings: Int

    init(_ document: ObjectiveDocument, _ settings: AlgorithmSettings) {
        self.document = document
        let overlong = document.maxCompletionLength.flatMap {
            settings.run.overlong(maxLength: $0)
        }
        let penalizes = settings.objective.klPlacement == .reward && settings.objective.beta != 0
        shapings = (overlong == nil ? 0 : 1) + (penalizes ? 1 : 0)
        let names = document.rewardNames
        groups = document.groups.map { group in
            let rows = group.completions.map { completion in
                var row = completion.row(names)
                let isScored = row.contains { $0 != nil }
                if let overlong {
                    row.append(isScored ? overlong.penalty(length: completion.logprobs.count) : nil)
                }
                if penalizes {
                    row.append(isScored ? completion.rewardPenalty(settings.objective) : nil)
                }
                return row
            }
            return GroupRewards(
                rewards: rows,
                values: settings.advantage.baseline.needsValues
                    ? group.completions.map { ($0.values ?? []).map { $0 ?? .nan } } : [])
        }
    }

    /// In the order of the columns.
    func weights() throws(DocumentError) -> [Double] {
        let names = document.rewardNames
        for name in (document.rewardWeights ?? [:]).keys.sorted() where !names.contains(name) {
            throw .unknownWeight(name, functions: names)
        }
        let own = names.isEmpty ? [1] : names.map { document.rewardWeights?[$0] ?? 1 }
        return own + [Double](repeating: 1, count: shapings)
    }
}

extension DocumentCompletion {
    fileprivate func row(_ names: [String]) -> [Double?] {
        guard !names.isEmpty, let rewards else { return [reward] }
        return names.map { rewards[$0] ?? nil }
    }

    /// −β·Σ_t k_t of the policy before the step.
    fileprivate func rewardPenalty(_ configuration: ObjectiveConfiguration) -> Double {
        func numbers(_ list: [Double?]) -> [Double] { list.map { $0 ?? .nan } }
        return penalizedReward(
            0, logprobs: numbers(proximalLogprobs ?? behaviorLogprobs),
            reference: numbers(referenceLogprobs ?? []), mask: mask, configuration: configuration)
    }
}
