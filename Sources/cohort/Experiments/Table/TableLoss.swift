package import GRPO

/// Where a study's settings become advantages and an objective of `GRPO`, and the objective's derivatives a
/// gradient of the table.
package struct TableLoss: Sendable {
    package let settings: AlgorithmSettings
    private let reference: TableLogprobs

    package init(_ settings: AlgorithmSettings, reference: TableLogprobs) {
        self.settings = settings
        self.reference = reference
    }

    /// Scored groups as the objective takes them. `proximal`: the policy at the start of the batch;
    /// `values`: V, where the baseline is one.
    package func batch(
        _ groups: [Group], proximal: TableLogprobs, values: TableValues? = nil
    ) throws -> [[TableCompletion]] {
        let policy = proximal.policy
        let rows = groups.map { group in
            group.completions.map { policy.rows(prompt: Int(group.prompt[0]), tokens: $0.tokens) }
        }
        let rewards = try zip(groups, rows).map { group, rows in
            GroupRewards(
                try group.rewards(),
                values: settings.advantage.baseline.needsValues
                    ? rows.map { $0.map { values?[$0] ?? 0 } } : [])
        }
        let advantages = try GRPO.advantages(ofBatch: rewards, weights: [], rule: settings.advantage)
        return groups.indices.map { index in
            groups[index].completions.indices.map { sample in
                var completion = completion(
                    groups[index], sample, rows: rows[index][sample],
                    advantage: advantages[index][sample], proximal: proximal)
                completion.loss.isInConstantGroup =
                    settings.advantage.comparesWithinGroup
                    && isConstant(rewards[index].totals(weights: []).compactMap { $0 })
                return completion
            }
        }
    }

    private func completion(
        _ group: Group, _ sample: Int, rows: [Int], advantage: CompletionAdvantage,
        proximal: TableLogprobs
    ) -> TableCompletion {
        let tokens = group.completions[sample].tokens
        var loss = TrainingCompletion(
            id: CompletionID(ticket: group.key, sample: UInt32(sample)),
            advantage: advantage.value ?? 0,
            behaviorLogprobs: group.completions[sample].behaviorLogprobs)
        if case .tokens(let values) = advantage { loss.tokenAdvantages = values }
        if settings.run.proximal == .recomputed {
            loss.proximalLogprobs = proximal.rounded(rows: rows, tokens: tokens)
        }
        if settings.objective.needsReferenceLogprobs {
            loss.referenceLogprobs = reference.rounded(rows: rows, tokens: tokens)
        }
        return TableCompletion(rows: rows, tokens: tokens, loss: loss)
    }

    /// ∂L/∂logits of an optimiser step over whole groups, and the largest ratio.
    package func gradient(
        _ groups: ArraySlice<[TableCompletion]>, at logprobs: TableLogprobs
    ) throws -> (gradient: [Double], ratioMax: Double) {
        let completions = groups.flatMap { $0 }
        let objective = try Objective(
            configuration: settings.objective,
            step: StepExtent(
                groups: groups.map { $0.map(\.loss) }, configuration: settings.objective,
                maxCompletionLength: logprobs.policy.limit))
        let evaluation = try evaluate(objective, completions, at: logprobs)
        return (
            tableGradient(evaluation.gradients, completions, logprobs),
            evaluation.statistics.ratioMax ?? 1
        )
    }

    private func evaluate(
        _ objective: Objective, _ completions: [TableCompletion], at logprobs: TableLogprobs
    ) throws -> ObjectiveEvaluation<Double> {
        let current = completions.flatMap { logprobs.rounded(rows: $0.rows, tokens: $0.tokens) }
        let losses = completions.map(\.loss)[...]
        // The entry without generics is the fast one.
        guard settings.objective.needsDivergences else {
            return try objective.evaluate(losses, logprobs: current)
        }
        let divergences = completions.flatMap { completion in
            completion.rows.map { logprobs.divergence(from: reference, row: $0) }
        }
        return try objective.evaluate(
            losses, TokenInputs(logprobs: current, divergences: divergences))
    }

    private func tableGradient(
        _ gradients: TokenGradients<Double>, _ completions: [TableCompletion], _ logprobs: TableLogprobs
    ) -> [Double] {
        var result = [Double](repeating: 0, count: logprobs.values.count)
        let places = completions.flatMap { zip($0.rows, $0.tokens) }
        for (place, coefficient) in zip(places, gradients.logprobs) where coefficient != 0 {
            logprobs.addGradient(
                row: place.0, token: place.1, coefficient: coefficient, to: &result)
        }
        for (place, coefficient) in zip(places, gradients.divergences) where coefficient != 0 {
            logprobs.addDivergenceGradient(
                from: reference, row: place.0, coefficient: coefficient, to: &result)
        }
        return result
    }
}

/// A completion of a table policy, ready for the objective.
package struct TableCompletion: Sendable {
    /// The states that its tokens were chosen in.
    package var rows: [Int]
    package var tokens: [Int32]
    package var loss: TrainingCompletion
}
