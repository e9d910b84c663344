internal import Ports

extension TrainingEngine {
    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) throws -> TokenScores {
        try check(groups, temperature)
        let passes = try scoringPasses(of: policy)
        let blocks = BlockPlan.blocks(of: groups)
        if isLarge { return scoreTogether(groups, blocks, passes[0], 1 / temperature) }
        let counter = SharedCounter(limit: blocks.count)
        let parts = threads.collect(blocks.count) { thread, deliver in
            while let block = counter.next() {
                let batch = PackedBatch(groups[blocks[block]])
                deliver(block, passes[thread].score(batch, inverseTemperature: 1 / temperature))
            }
        }
        return TokenScores(joining: parts)
    }

    private func scoreTogether(
        _ groups: [TokenGroup], _ blocks: [Range<Int>], _ pass: ScoringPass,
        _ inverseTemperature: Float
    ) -> TokenScores {
        TokenScores(
            joining: blocks.map {
                pass.score(PackedBatch(groups[$0]), inverseTemperature: inverseTemperature)
            })
    }

    /// Throws unless `groups` fit the model, and makes sure of their positions.
    func check(_ groups: [TokenGroup], _ temperature: Float) throws(TrainingError) {
        guard temperature > 0, temperature.isFinite else { throw .badTemperature(temperature) }
        for (index, group) in groups.enumerated() {
            try TrainingError.check(group, index, configuration)
        }
        rotary.require(longestSequence(groups))
    }

    private func longestSequence(_ groups: [TokenGroup]) -> Int {
        groups.map { $0.prompt.count + ($0.completions.map(\.count).max() ?? 0) }.max() ?? 0
    }
}

extension TokenScores {
    fileprivate init(joining parts: [TokenScores]) {
        self.init(
            logprobs: parts.flatMap(\.logprobs), entropies: parts.flatMap(\.entropies),
            divergences: parts.flatMap(\.divergences), values: parts.flatMap(\.values))
    }
}
