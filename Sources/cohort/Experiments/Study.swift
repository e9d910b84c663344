/// A claim, tested: data in, figures and verdicts out; a pure function of its settings and the seeds.
package protocol Study: Sendable {
    associatedtype Outcome: StudyOutcome
    /// What `--only` calls it, and the section's anchor.
    static var name: String { get }
    init()
    func run(_ context: StudyContext) throws -> Outcome
}

/// What a study found out.
package protocol StudyOutcome: Sendable {
    /// For the page.
    var section: Section { get }
}

/// What studies share.
package struct StudyContext: Sendable {
    /// Runs per curve.
    package let seeds: Int
    package let pool: WorkPool

    package init(seeds: Int, pool: WorkPool) {
        precondition(seeds >= 1, "a curve needs a seed")
        self.seeds = seeds
        self.pool = pool
    }

    /// One training run per arm and seed, all in the pool: (arms)(seeds)(measurements).
    package func train<Value: Sendable>(
        _ arms: [TableTraining], measure: @escaping @Sendable (TableTraining.Moment) throws -> Value
    ) throws -> [[[Value]]] {
        let runs = try pool.map(arms.count * seeds) { index in
            var training = arms[index / seeds]
            training.seed = UInt64(index % seeds)
            return try training.run(measure: measure)
        }
        return arms.indices.map { Array(runs[$0 * seeds..<($0 + 1) * seeds]) }
    }

    /// How curves of several seeds are shown.
    package var bandText: String {
        "Lines are means over \(seeds) seeds, bands reach from the lowest to the highest seed."
    }
}

/// One number per seed and measurement, as a curve.
package struct Curve: Hashable, Sendable {
    package var name: String
    package var x: [Double]
    /// (seeds)(x)
    package var runs: [[Double]]

    package init(_ name: String, x: [Double], runs: [[Double]]) {
        precondition(runs.allSatisfy { $0.count == x.count }, "a value for every x")
        self.name = name
        self.x = x
        self.runs = runs
    }

    package var last: Sample { Sample(runs.map { $0[x.count - 1] }) }
    /// Of each run, over its whole length.
    package var average: Sample { Sample(runs.map { Sample($0).mean }) }

    /// Of each run, the largest value up to each x.
    package var largestSoFar: Curve {
        Curve(
            name, x: x,
            runs: runs.map { run in
                var largest = -Double.infinity
                return run.map { value in
                    largest = max(largest, value)
                    return largest
                }
            })
    }

    /// Of each run, the first x at which it is not below `level`; `nil` where it never gets there.
    package func passages(of level: Double) -> [Double?] {
        runs.map { run in run.firstIndex { $0 >= level }.map { x[$0] } }
    }

    package func at(_ index: Int) -> Sample { Sample(runs.map { $0[index] }) }

    /// The mean, with a band from the lowest to the highest seed.
    package var series: LinePlot.Series {
        LinePlot.Series(
            name, points: x.indices.map { LinePlot.Point(x[$0], Estimate(range: at($0))) })
    }
}

extension TableTraining {
    /// `measuredSteps` as an axis.
    package var axis: [Double] { measuredSteps.map(Double.init) }
}

extension Sample {
    /// Whether the mean lies above `other`'s by more than four standard errors of the difference.
    package func isClearlyAbove(_ other: Sample) -> Bool {
        mean - other.mean > 4 * standardError(ofDifferenceTo: other)
    }

    /// `0.361 (0.266 to 0.404)`: the mean and the range of seeds.
    package var text: String { NumberText.estimate(Estimate(range: self)) }
}
