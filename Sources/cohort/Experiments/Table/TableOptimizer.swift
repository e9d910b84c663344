import Foundation

/// Gradient descent, or Adam (Kingma and Ba 2015) with the constants of the main job.
package struct TableOptimizer: Sendable {
    package enum Kind: String, Sendable, Codable { case descent, adam }

    private static let (beta1, beta2, epsilon) = (0.9, 0.95, 1e-8)

    private let kind: Kind
    private let learningRate: Double
    private let maxGradNorm: Double
    private var step = 0
    private var first: [Double] = []
    private var second: [Double] = []

    /// `maxGradNorm`: longer gradients are shortened to it; 0: none is.
    package init(_ kind: Kind, learningRate: Double, maxGradNorm: Double = 0) {
        self.kind = kind
        self.learningRate = learningRate
        self.maxGradNorm = maxGradNorm
    }

    /// One step against `gradient`, in place.
    package mutating func apply(_ gradient: [Double], to weights: inout [Double]) {
        let gradient = clipped(gradient)
        switch kind {
        case .descent:
            for index in weights.indices { weights[index] -= learningRate * gradient[index] }
        case .adam: adam(gradient, &weights)
        }
    }

    private func clipped(_ gradient: [Double]) -> [Double] {
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard maxGradNorm > 0, norm > maxGradNorm else { return gradient }
        return gradient.map { $0 * (maxGradNorm / norm) }
    }

    private mutating func adam(_ gradient: [Double], _ weights: inout [Double]) {
        if step == 0 {
            first = [Double](repeating: 0, count: weights.count)
            second = first
        }
        step += 1
        let correction1 = 1 - pow(Self.beta1, Double(step))
        let correction2 = 1 - pow(Self.beta2, Double(step))
        for index in weights.indices {
            let slope = gradient[index]
            first[index] += (1 - Self.beta1) * (slope - first[index])
            second[index] += (1 - Self.beta2) * (slope * slope - second[index])
            let root = (second[index] / correction2).squareRoot()
            weights[index] -= learningRate * first[index] / correction1 / (root + Self.epsilon)
        }
    }
}
