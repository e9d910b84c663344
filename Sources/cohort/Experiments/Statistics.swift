/// Figures of a list of numbers.
package struct Sample: Sendable {
    package let values: [Double]

    /// Needs at least one value.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty, "a sample has values")
        self.values = values
    }

    package var count: Int { values.count }
    package var mean: Double { values.reduce(0, +) / Double(count) }
    package var least: Double { values.reduce(.infinity, min) }
    package var greatest: Double { values.reduce(-.infinity, max) }

    /// Unbiased, two passes; 0 for a single value.
    package var variance: Double {
        guard count > 1 else { return 0 }
        let mean = self.mean
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    }

    package var standardDeviation: Double { variance.squareRoot() }
    /// Of the mean.
    package var standardError: Double { (variance / Double(count)).squareRoot() }
    /// The mean's approximate standard error with that of `other`, of their difference.
    package func standardError(ofDifferenceTo other: Sample) -> Double {
        (variance / Double(count) + other.variance / Double(other.count)).squareRoot()
    }

    /// Mean |vᵢ₊₁ − vᵢ|: how much a curve fluctuates from point to point.
    package var meanStep: Double {
        guard count > 1 else { return 0 }
        return zip(values, values.dropFirst()).reduce(0) { $0 + abs($1.1 - $1.0) } / Double(count - 1)
    }
}

/// Least squares: y ≈ intercept + slope·x.
package struct LineFit: Sendable {
    package let slope: Double
    package let intercept: Double
    /// Of the slope, from the residuals; 0 for two points.
    package let slopeError: Double

    /// Needs two points with different x.
    package init(x: [Double], y: [Double]) {
        precondition(x.count == y.count && x.count >= 2, "a line needs two points")
        let (meanX, meanY) = (Sample(x).mean, Sample(y).mean)
        let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        precondition(spread > 0, "a line needs two different x")
        slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / spread
        intercept = meanY - slope * meanX
        let (slope, intercept) = (self.slope, self.intercept)
        let residual = zip(x, y).reduce(0) { sum, point in
            let miss = point.1 - intercept - slope * point.0
            return sum + miss * miss
        }
        slopeError = x.count > 2 ? (residual / Double(x.count - 2) / spread).squareRoot() : 0
    }
}

/// Running mean and total variance of vectors: Welford's method, component by component.
package struct VectorMoments: Sendable {
    package private(set) var count = 0
    package private(set) var mean: [Double]
    private var squares: [Double]

    package init(dimensions: Int) {
        mean = [Double](repeating: 0, count: dimensions)
        squares = mean
    }

    package mutating func add(_ vector: [Double]) {
        precondition(vector.count == mean.count, "vectors of one length")
        count += 1
        for index in vector.indices {
            let before = vector[index] - mean[index]
            mean[index] += before / Double(count)
            squares[index] += before * (vector[index] - mean[index])
        }
    }

    /// Trace of the covariance matrix: the expected squared distance from the mean; unbiased.
    package var totalVariance: Double {
        count > 1 ? squares.reduce(0, +) / Double(count - 1) : 0
    }

    /// Standard error of each component's mean.
    package var standardErrors: [Double] {
        squares.map { count > 1 ? ($0 / Double(count - 1) / Double(count)).squareRoot() : 0 }
    }
}
