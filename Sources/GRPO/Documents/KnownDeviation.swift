/// Where a reference implementation and its profile part on purpose. What is left out of a comparison is
/// left out for one of these reasons and no other.
public struct KnownDeviation: Hashable, Sendable {
    public let reason: String
    /// First parts of the names of quantities that are not compared.
    let quantities: [String]
    /// Words under which the reference's answer is ours.
    let changes: [String: WordValue]

    static let emptyCompletions = KnownDeviation(
        reason: "a completion without a token that counts has no ratio and no weight; "
            + "TRL counts one of 1 in its metrics",
        quantities: ["clip_ratio", "importance_weight"], changes: [:])
    static let residues = KnownDeviation(
        reason: "the sign of a constant group's rounding residue, which metrics of clipping look at, "
            + "depends on the order of a sum",
        quantities: ["clip_ratio"], changes: [:])
    static let ties = KnownDeviation(
        reason: "a ratio exactly at the clip's edge takes the unclipped branch; "
            + "autograd gives half of its gradient where both edges meet",
        quantities: ["gradient"], changes: [:])
    static let pruned = KnownDeviation(
        reason: "prime-rl prunes constant groups before its loss function, which counts what it is given",
        quantities: [], changes: ["constant_groups": "count"])

    public static let all = [emptyCompletions, residues, ties, pruned]
}

extension GoldenCase {
    /// Those that concern the case.
    func deviations(_ settings: AlgorithmSettings) -> [KnownDeviation] {
        var result: [KnownDeviation] = []
        if hasEmptyCompletion(settings) { result.append(.emptyCompletions) }
        if hasResidue(settings) { result.append(.residues) }
        if settings.objective.epsilon == 0 { result.append(.ties) }
        if source.hasPrefix("prime-rl"), hasConstantGroup { result.append(.pruned) }
        return result
    }

    private func hasEmptyCompletion(_ settings: AlgorithmSettings) -> Bool {
        input.groups.flatMap(\.completions).contains { completion in
            completion.mask?.contains(true) == false
                || settings.objective.maskTruncatedCompletions && completion.finishReason == .length
        }
    }

    private var hasConstantGroup: Bool { input.groups.contains { $0.isConstant } }

    /// Whether the reference or we have advantages other than 0 in a constant group.
    private func hasResidue(_ settings: AlgorithmSettings) -> Bool {
        guard hasConstantGroup, case .list(let theirs)? = expected["advantages"],
            let ours = try? input.evaluate(settings, profile: profile).advantages
        else { return false }
        return input.groups.indices.contains { group in
            let values = theirs[group].numbers + ours[group].flatMap { $0.perToken(count: 1) }
            return input.groups[group].isConstant && values.contains { $0 != 0 }
        }
    }
}

extension DocumentGroup {
    fileprivate var isConstant: Bool {
        let rewards = completions.compactMap(\.reward)
        return rewards.count > 1 && GRPO.isConstant(rewards)
    }
}
