import GRPO
import Testing

@Suite struct ObjectiveSplitTests {
    private let step = RandomStep(
        lengths: [3, 1, 5, 2, 4, 3, 7, 2, 1, 1, 6, 9], spread: 0.6, seed: 11)

    /// Evaluates block by block, as the learner does, and merges.
    private func evaluate(
        _ objective: Objective, blocks: [Range<Int>]
    ) throws -> (gradient: [Double], statistics: ObjectiveStatistics) {
        let starts = step.completions.reduce(into: [0]) { $0.append($0.last! + $1.tokenCount) }
        let results = try blocks.map { block in
            try objective.evaluate(
                step.completions[block],
                logprobs: Array(step.logprobs[starts[block.lowerBound]..<starts[block.upperBound]]))
        }
        return (
            results.flatMap(\.gradient),
            try #require(ObjectiveStatistics.merged(results.map(\.statistics)))
        )
    }

    private func blocks(cuts: [Int]) -> [Range<Int>] {
        let edges = [0] + cuts.sorted() + [step.completions.count]
        return zip(edges, edges.dropFirst()).map { $0..<$1 }
    }

    @Test("No split into blocks changes a bit of gradient or metrics", arguments: allConfigurations)
    func anySplit(configuration: ObjectiveConfiguration) throws {
        let objective = try step.objective(configuration)
        let whole = try evaluate(objective, blocks: blocks(cuts: []))
        var random = CounterRandom(seed: 1, stream: 2)
        for count in 0..<step.completions.count {
            let cuts = Array((1..<step.completions.count).shuffled(using: &random).prefix(count))
            let split = try evaluate(objective, blocks: blocks(cuts: cuts))
            #expect(split.gradient == whole.gradient)
            #expect(split.statistics == whole.statistics)
            #expect(split.statistics.loss == whole.statistics.loss)
            #expect(split.statistics.ratioMean == whole.statistics.ratioMean)
        }
    }

    @Test("Nor under any profile, whatever it corrects, masks or averages", arguments: Profile.all)
    func anySplitOfProfiles(profile: Profile) throws {
        var step = step
        for index in step.completions.indices {
            step.completions[index].proximalLogprobs = step.completions[index].behaviorLogprobs
                .map { $0 + 0.1 }
            step.completions[index].isTruncated = index % 5 == 0
            step.completions[index].isInConstantGroup = 4..<8 ~= index
        }
        var configuration = profile.objective
        configuration.beta = 0.1
        configuration.maskTruncatedCompletions = true
        configuration.importanceSamplingCorrection = .sequenceMask
        configuration.rejectedTokens = .drop
        let objective = try step.objective(configuration)
        let starts = step.completions.reduce(into: [0]) { $0.append($0.last! + $1.tokenCount) }
        func evaluate(_ block: Range<Int>) throws -> ObjectiveEvaluation<Double> {
            let tokens = starts[block.lowerBound]..<starts[block.upperBound]
            return try objective.evaluate(
                step.completions[block], logprobs: Array(step.logprobs[tokens]))
        }
        let whole = try evaluate(0..<12)
        let single = try (0..<12).map { try evaluate($0..<$0 + 1) }
        #expect(single.flatMap(\.gradient) == whole.gradient)
        #expect(ObjectiveStatistics.merged(single.map(\.statistics)) == whole.statistics)
    }

    @Test("Merging is associative")
    func associative() throws {
        let objective = try step.objective(ObjectiveConfiguration())
        let parts = try blocks(cuts: [4, 9]).map {
            try evaluate(objective, blocks: [$0]).statistics
        }
        var left = parts[0]
        left.merge(parts[1])
        left.merge(parts[2])
        var tail = parts[1]
        tail.merge(parts[2])
        var right = parts[0]
        right.merge(tail)
        #expect(left == right && left.loss == right.loss && left.kl == right.kl)
    }

    @Test("A completion's gradient does not depend on its neighbours")
    func order() throws {
        let objective = try step.objective(ObjectiveConfiguration())
        let whole = try evaluate(objective, blocks: blocks(cuts: []))
        let last = try evaluate(objective, blocks: [11..<12])
        #expect(Array(whole.gradient.suffix(9)) == last.gradient)
    }

    @Test("Nothing merges to nothing")
    func empty() {
        #expect(ObjectiveStatistics.merged([]) == nil)
    }

    @Test("Floats in, floats out: the same numbers as the float64 path on rounded inputs")
    func floats() throws {
        let objective = try step.objective(ObjectiveConfiguration())
        let rounded = step.logprobs.map { Float($0) }
        let a = try objective.evaluate(step.completions[...], logprobs: rounded)
        let b = try objective.evaluate(
            step.completions[...], logprobs: rounded.map { Double($0) })
        #expect(a.gradient == b.gradient)
        #expect(a.floatGradient == b.gradient.map { Float($0) })
    }
}
