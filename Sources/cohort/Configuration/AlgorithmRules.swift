internal import GRPO

extension ConfigurationRules {
    /// Words that have no meaning together.
    static let algorithm: [Rule] = [
        { configuration in
            do throws(ObjectiveError) {
                try configuration.grpo.algorithm.objective.validate()
                return nil
            } catch { return (keys(namedIn: "\(error)"), "\(error)") }
        },
        { configuration in
            do throws(AdvantageError) {
                try configuration.grpo.algorithm.advantage.validate()
                return nil
            } catch { return (keys(namedIn: "\(error)"), "\(error)") }
        },
        { configuration in
            let algorithm = configuration.grpo.algorithm
            guard algorithm.advantage.baseline.needsValues, algorithm.objective.vfCoef == 0 else {
                return nil
            }
            return (
                ["grpo.advantage_baseline", "grpo.vf_coef"],
                "a value baseline is learned by the value loss, whose weight vf_coef is 0; set it above 0"
            )
        },
        { configuration in
            let algorithm = configuration.grpo.algorithm
            guard algorithm.advantage.baseline == .value,
                algorithm.objective.importanceSamplingLevel != .token,
                algorithm.objective.importanceSamplingLevel != .sequenceToken
            else { return nil }
            return (
                ["grpo.advantage_baseline", "grpo.importance_sampling_level"],
                "a value at each token gives each token its own advantage, which one ratio of the whole "
                    + "completion cannot weigh; take advantage_baseline = \"value_prompt\", or ratios of "
                    + "tokens"
            )
        },
    ]

    /// The keys of the words that a sentence of the algorithm names.
    private static func keys(namedIn sentence: String) -> [String] {
        let named = Set(
            sentence.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        let words = AlgorithmWord.all.map(\.name).filter(named.contains)
        return words.isEmpty ? ["grpo.profile"] : words.map { "grpo.\($0)" }
    }
}
