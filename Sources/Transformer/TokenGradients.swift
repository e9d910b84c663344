internal import CKernels
internal import Ports

/// ∂loss by each score of each token of a batch, in `TokenScores` order; empty where zero.
struct TokenGradients {
    let logprobs: [Float]
    let entropies: [Float]
    let divergences: [Float]
    let values: [Float]

    /// Throws unless `answer` has a number for each of `scores`, or none where it may.
    init<Report>(_ answer: BlockGradient<Report>, of scores: TokenScores) throws(TrainingError) {
        let count = scores.logprobs.count
        let lists = [answer.logprobs, answer.entropies, answer.divergences, answer.values]
        for (index, list) in lists.enumerated() {
            guard list.count == count || index > 0 && list.isEmpty else {
                throw .wrongGradientCount(expected: count, found: list.count)
            }
        }
        guard answer.divergences.count == scores.divergences.count || answer.divergences.isEmpty
        else { throw .noDivergences }
        guard answer.values.count == scores.values.count || answer.values.isEmpty
        else { throw .noValueHead }
        logprobs = answer.logprobs
        entropies = answer.entropies
        divergences = answer.divergences
        values = answer.values
    }

    /// Log-probabilities alone have a gradient.
    var isPlain: Bool { entropies.isEmpty && divergences.isEmpty }

    /// Of all tokens that one distribution predicts.
    func slopes(_ targets: ArraySlice<PackedBatch.Target>) -> ck_slopes {
        ck_slopes(
            logprobs: sum(logprobs, targets), entropy: sum(entropies, targets),
            divergence: sum(divergences, targets))
    }

    func sum(_ gradients: [Float], _ targets: ArraySlice<PackedBatch.Target>) -> Float {
        gradients.isEmpty ? 0 : targets.reduce(Float(0)) { $0 + gradients[$1.score] }
    }
}
