import Foundation
import GRPO

/// How sure the group's line is, by the size of the group.
package struct GroupSizeStudy: Study {
    package static let name = "group-size"

    package var groupSizes = [2, 4, 8, 16, 32, 64]
    /// Groups per seed and size.
    package var groups = 2000

    package init() {}

    package struct Outcome: StudyOutcome {
        package var study: GroupSizeStudy
        package var context: StudyContext
        /// Variance of the group's mean: (group sizes), of the seeds.
        package var variances: [Sample]
        /// Of ln variance over ln G, one per seed.
        package var slopes: Sample
        /// Var(r) of one completion, exact.
        package var rewardVariance: Double
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let task = TableTask.sums().only(prompt: 7)
        let policy = TablePolicy(sums: 5, skill: 1.5).only(prompt: 7).logprobs()
        let count = groupSizes.count
        let all = try context.pool.map(count * context.seeds) { index in
            let means = try (0..<UInt32(groups)).map { number in
                Sample(
                    try task.group(
                        from: policy, prompt: 0, groupSize: groupSizes[index % count],
                        seed: UInt64(index / count), step: number
                    ).rewards()
                ).mean
            }
            return Sample(means).variance
        }
        let rows = (0..<context.seeds).map { Array(all[$0 * count..<($0 + 1) * count]) }
        let logarithms = groupSizes.map { log(Double($0)) }
        let mean = policy.expectation(prompt: 0, of: task.reward)
        return Outcome(
            study: self, context: context,
            variances: (0..<count).map { size in Sample(rows.map { $0[size] }) },
            slopes: Sample(rows.map { LineFit(x: logarithms, y: $0.map { log($0) }).slope }),
            rewardVariance: policy.expectation(prompt: 0) {
                let miss = task.reward($0, $1) - mean
                return miss * miss
            })
    }
}

extension GroupSizeStudy.Outcome {
    package var section: Section {
        Section(
            name: GroupSizeStudy.name,
            title: "A larger group draws a better line",
            claim: """
                The group's mean stands in for what a value function would have to learn: the reward that \
                the policy earns on this prompt. It is a mean of G samples, so its variance falls as 1/G: \
                four times the samples, half the error.
                """,
            method: """
                One prompt and a policy that knows a little; \(NumberText.short(Double(study.groups))) \
                groups per size and seed, \(context.seeds) seeds. Points are means over seeds, whiskers two \
                standard errors, both axes logarithmic. The dotted line is the exact variance of one \
                reward divided by G.
                """,
            verdicts: [verdict], figures: [plot])
    }

    private var plot: Figure {
        let sizes = study.groupSizes.map(Double.init)
        return Figure(
            "Variance of the group's mean",
            .lines(
                LinePlot(
                    x: "group size G (logarithmic)", y: "variance (logarithmic)",
                    xKind: .logarithmic, yKind: .logarithmic,
                    series: [
                        LinePlot.Series(
                            "measured", mark: .points,
                            points: zip(sizes, variances).map {
                                LinePlot.Point($0, Estimate(errors: $1))
                            }),
                        LinePlot.Series(
                            "Var(r)/G", mark: .guide,
                            points: sizes.map {
                                LinePlot.Point($0, Estimate(exact: rewardVariance / $0))
                            }),
                    ])))
    }

    private var verdict: Verdict {
        let ratios = zip(study.groupSizes, variances).map { $1.mean * Double($0) / rewardVariance }
        // A handful of seeds may agree by chance; two per cent is what so few groups can tell.
        let isOne = abs(slopes.mean + 1) < max(4 * slopes.standardError, 0.02)
        return Verdict(
            "The variance of the baseline falls as 1/G",
            holds: isOne && ratios.allSatisfy { abs($0 - 1) < 0.1 },
            evidence: "The slope of the logarithms is "
                + "\(NumberText.withError(slopes.mean, slopes.standardError)) (± standard error), "
                + "expected −1; measured variance ÷ exact Var(r)/G lies between "
                + "\(NumberText.short(Sample(ratios).least)) and "
                + "\(NumberText.short(Sample(ratios).greatest)).")
    }
}
