import Transformer

/// What a learner must hold, by the shapes of real models: GRPO against an actor–critic.
package struct MemoryStudy: Study {
    package static let name = "memory"

    package init() {}

    /// Bytes of what training holds, all in float32.
    package struct Budget: Sendable {
        package var model: String
        package var parameters: Int
        /// Of the value model: the same backbone, and one row instead of the vocabulary's.
        package var valueParameters: Int

        /// Policy, gradient and AdamW's two moments.
        private static let trained = 16.0
        private static let frozen = 4.0

        package var policy: Double { Self.trained * Double(parameters) }
        package var reference: Double { Self.frozen * Double(parameters) }
        package var value: Double { Self.trained * Double(valueParameters) }
        package var withoutReference: Double { policy }
        package var withReference: Double { policy + reference }
        package var actorCritic: Double { policy + reference + value }
    }

    package struct Outcome: StudyOutcome {
        package var budgets: [Budget]
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        Outcome(budgets: try Self.models().map(Self.budget))
    }

    private static func budget(_ model: (name: String, shape: ModelConfiguration)) -> Budget {
        let count = WeightLayout(model.shape).entries.reduce(0) { $0 + $1.count }
        // Tied embeddings are needed for the input; an output matrix of its own is not.
        let head =
            model.shape.tiesEmbeddings ? 0 : model.shape.vocabularySize * model.shape.hiddenSize
        return Budget(
            model: model.name, parameters: count,
            valueParameters: count - head + model.shape.hiddenSize + 1)
    }

    private static func models() throws -> [(name: String, shape: ModelConfiguration)] {
        let builtIn = try ModelConfiguration(
            vocabularySize: 24, hiddenSize: 128, intermediateSize: 384, layerCount: 4, headCount: 4,
            keyValueHeadCount: 2, maxPositions: 64, eosTokens: [])
        let half = try ModelConfiguration(
            vocabularySize: 151_936, hiddenSize: 896, intermediateSize: 4864, layerCount: 24,
            headCount: 14, keyValueHeadCount: 2, maxPositions: 32_768, eosTokens: [])
        var large = try ModelConfiguration(
            vocabularySize: 152_064, hiddenSize: 3584, intermediateSize: 18_944, layerCount: 28,
            headCount: 28, keyValueHeadCount: 4, maxPositions: 32_768, eosTokens: [])
        large.tiesEmbeddings = false
        return [("built-in", builtIn), ("Qwen2.5 0.5B", half), ("Qwen2.5 7B", large)]
    }
}

extension MemoryStudy.Outcome {
    package var section: Section {
        Section(
            name: MemoryStudy.name,
            title: "No critic: what that saves",
            claim: """
                An actor–critic trains two networks: the policy, and a value model of the same size that \
                learns what reward to expect. GRPO gets that expectation from the group and keeps only \
                the policy, plus a frozen reference where β is not 0. What is saved is the critic's \
                weights, gradient and optimiser state.
                """,
            method: """
                Counted from the shapes of the transformer's tensors, in float32: 4 bytes for a weight, 4 \
                for its gradient, 8 for AdamW's two moments, 4 for a frozen reference weight. The critic \
                has the policy's backbone and one output row. The actor–critic keeps a reference as well. \
                Activations are not counted: they depend on batch and sequence length, and an actor–critic \
                needs them for both networks.
                """,
            verdicts: [verdict, noReference], figures: [plot, table])
    }

    private var kinds: [(name: String, bytes: KeyPath<MemoryStudy.Budget, Double>)] {
        [
            ("GRPO, β = 0", \.withoutReference), ("GRPO, β > 0", \.withReference),
            ("actor–critic", \.actorCritic),
        ]
    }

    private var plot: Figure {
        Figure(
            "Bytes per parameter of the policy",
            .bars(
                BarPlot(
                    categoryLabel: "model", y: "bytes per parameter", categories: budgets.map(\.model),
                    series: kinds.map { kind in
                        BarPlot.Series(
                            kind.name,
                            values: budgets.map {
                                Estimate(exact: $0[keyPath: kind.bytes] / Double($0.parameters))
                            })
                    })))
    }

    private var table: Figure {
        Figure(
            "What each of them holds",
            table: DataTable(
                columns: ["model", "million parameters"] + kinds.map(\.name) + ["actor–critic ÷ GRPO, β > 0"],
                rows: budgets.map { budget in
                    [budget.model, NumberText.short(Double(budget.parameters) / 1e6)]
                        + kinds.map { NumberText.bytes(budget[keyPath: $0.bytes]) }
                        + [NumberText.short(budget.actorCritic / budget.withReference)]
                }))
    }

    private var verdict: Verdict {
        verdict(
            "An actor–critic of the same size needs more than one and a half times GRPO's memory",
            above: 1.5, \.withReference)
    }

    private var noReference: Verdict {
        verdict(
            "At β = 0, where GRPO holds no reference, it is more than twice", above: 2, \.withoutReference)
    }

    private func verdict(
        _ statement: String, above least: Double, _ grpo: KeyPath<MemoryStudy.Budget, Double>
    ) -> Verdict {
        let ratios = budgets.map { $0.actorCritic / $0[keyPath: grpo] }
        return Verdict(
            statement, holds: ratios.allSatisfy { $0 > least },
            evidence: "Actor–critic ÷ GRPO: "
                + zip(budgets, ratios).map { "\($0.model) \(NumberText.short($1))" }
                .joined(separator: ", ") + ".")
    }
}
