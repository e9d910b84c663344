import GRPO

/// Which baselines leave the gradient's direction and length alone.
package struct BiasStudy: Study {
    package static let name = "bias"

    package var groupSizes = [2, 4, 8, 16]
    /// Gradient estimates per point; at least 10,000 for a page.
    package var draws = 20_000

    package init() {}

    static let arms: [(name: String, settings: AlgorithmSettings)] = [
        ("leave-one-out", .study { $0.advantage.baseline = .leaveOneOut }),
        ("group mean", .study()),
        ("raw reward", .study { $0.advantage.baseline = .none }),
        ("group mean and deviation", .study { $0.advantage.scaling = .group }),
    ]

    /// One baseline at one group size.
    package struct Point: Sendable {
        /// ⟨g, ∇⟩ / ⟨∇, ∇⟩: 1 where the estimate is unbiased.
        package var scale: Double
        package var error: Double
        /// The largest |mean − factor·∇| of any component, in standard errors, with `factor` as expected.
        package var largestDeviation: Double
    }

    package struct Outcome: StudyOutcome {
        package var study: BiasStudy
        /// (arms)(group sizes)
        package var points: [[Point]]
    }

    package func run(_ context: StudyContext) throws -> Outcome {
        let sizes = groupSizes
        let all = try context.pool.map(Self.arms.count * sizes.count) { index in
            try point(Self.arms[index / sizes.count].settings, groupSize: sizes[index % sizes.count])
        }
        return Outcome(
            study: self,
            points: Self.arms.indices.map { Array(all[$0 * sizes.count..<($0 + 1) * sizes.count]) })
    }

    private func point(_ settings: AlgorithmSettings, groupSize: Int) throws -> Point {
        let estimate = GradientEstimate(
            TableTask.sums().only(prompt: 7), policy: TablePolicy(sums: 5, skill: 1).only(prompt: 7),
            settings: settings, groupSize: groupSize)
        let exact = estimate.exact
        let length = exact.reduce(0) { $0 + $1 * $1 }
        var (projections, moments) = ([Double](), VectorMoments(dimensions: exact.count))
        for number in 0..<UInt32(draws) {
            let gradient = try estimate.draw(seed: 0, number: number)
            projections.append(zip(gradient, exact).reduce(0) { $0 + $1.0 * $1.1 } / length)
            moments.add(gradient)
        }
        let sample = Sample(projections)
        let factor = settings.advantage.expectedFactor(groupSize: groupSize)
        let deviations = exact.indices.map { index in
            let error = moments.standardErrors[index]
            return error > 0 ? abs(moments.mean[index] - factor * exact[index]) / error : 0
        }
        return Point(
            scale: sample.mean, error: sample.standardError,
            largestDeviation: Sample(deviations).greatest)
    }
}

extension AdvantageRule {
    /// What E[g] is times ∇E[r], where that is known.
    func expectedFactor(groupSize: Int) -> Double {
        baseline == .mean && scaling == .none ? Double(groupSize - 1) / Double(groupSize) : 1
    }
}
