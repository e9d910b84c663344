package import Ports

/// One optimiser step of supervised learning: maximum likelihood of given completions, the mean over all
/// their tokens. `L = −(1/N) Σ ln π_θ(token)`, at temperature 1.
///
/// Answers with the loss in nats per token and the gradient's norm before clipping.
package func supervisedStep(
    on examples: [TokenGroup], policy: some TrainablePolicy, learningRate: Double,
    maxGradNorm: Double
) async throws -> (loss: Double, gradNorm: Double) {
    let tokens = examples.reduce(0) { $0 + $1.completions.reduce(0) { $0 + $1.count } }
    precondition(tokens > 0, "a supervised step needs at least one completion token")
    let weight = -1 / Double(tokens)
    let outcome = try await policy.step(
        on: examples, temperature: 1, learningRate: learningRate, maxGradNorm: maxGradNorm,
        needsDivergence: false
    ) { _, scores in
        BlockGradient(
            logprobs: [Float](repeating: Float(weight), count: scores.logprobs.count),
            report: scores.logprobs.reduce(0.0) { $0 + Double($1) })
    }
    return (outcome.reports.reduce(0, +) * weight, outcome.gradNorm)
}
