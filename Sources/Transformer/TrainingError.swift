internal import Ports

/// Why groups can be neither scored nor trained on. `group` is an index into the groups of the
/// call.
package enum TrainingError: Error, Hashable, CustomStringConvertible {
    case noReference
    case badTemperature(Float)
    case emptyPrompt(group: Int)
    case tokenOutOfRange(group: Int, token: Int32, vocabulary: Int)
    case tooLong(group: Int, prompt: Int, completion: Int, limit: Int)
    case wrongGradientCount(expected: Int, found: Int)
    case noDivergences
    case noValueHead
    case badMixture(Double)

    package var description: String {
        switch self {
        case .noReference:
            "there is no reference policy; give the learner its weights (beta > 0 needs them)"
        case .badTemperature(let value):
            "temperature \(value) is out of range: log-probabilities need a positive number"
        case .emptyPrompt(let group):
            "the prompt of group \(group) is empty"
        case .tokenOutOfRange(let group, let token, let vocabulary):
            "group \(group) has token \(token); vocab_size is \(vocabulary)"
        case .tooLong(let group, let prompt, let completion, let limit):
            "group \(group): prompt of \(prompt) + completion of \(completion) tokens exceeds "
                + "max_position_embeddings \(limit)"
        case .wrongGradientCount(let expected, let found):
            "the loss answered with \(found) gradients for \(expected) tokens"
        case .noDivergences:
            "the loss answered with gradients of divergences; ask for them with needsDivergence"
        case .noValueHead:
            "the loss answered with gradients of values, but the learner has no value head"
        case .badMixture(let alpha):
            "ref_model_mixup_alpha \(alpha) is out of range: it must lie between 0 and 1"
        }
    }

    static func check(
        _ group: TokenGroup, _ index: Int, _ model: ModelConfiguration
    ) throws(TrainingError) {
        guard !group.prompt.isEmpty else { throw .emptyPrompt(group: index) }
        let longest = group.completions.map(\.count).max() ?? 0
        guard group.prompt.count + longest <= model.maxPositions else {
            throw .tooLong(
                group: index, prompt: group.prompt.count, completion: longest,
                limit: model.maxPositions)
        }
        for tokens in [group.prompt] + group.completions {
            for token in tokens where token < 0 || token >= model.vocabularySize {
                throw .tokenOutOfRange(
                    group: index, token: token, vocabulary: model.vocabularySize)
            }
        }
    }
}
