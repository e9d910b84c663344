/// How far one quantity of one case is from its reference.
public struct ConformanceError: Hashable, Sendable {
    public var quantity: String
    /// max|a − b| / max(max|b|, mean absolute term of the sum).
    public var relative: Double
    /// max|a − b|.
    public var absolute: Double

    /// `scale`: the mean absolute term of the sums that the numbers are. Other counts, and numbers that are
    /// not finite, are infinitely far.
    init(_ quantity: String, _ ours: [Double], _ theirs: [Double], scale: Double = 0) {
        self.quantity = quantity
        relative = .infinity
        absolute = .infinity
        let difference = zip(ours, theirs).map { abs($0 - $1) }
        guard ours.count == theirs.count, difference.allSatisfy(\.isFinite) else { return }
        absolute = difference.max() ?? 0
        relative = absolute == 0 ? 0 : absolute / max(theirs.map(abs).max() ?? 0, scale)
    }
}

/// What one golden entry comes to.
public struct ConformanceResult: Sendable {
    /// The profile, or the estimator.
    public var profile: String
    public var name: String
    public var source: String
    /// float64 against the reference.
    public var double: [ConformanceError]
    /// float32 against our own float64.
    public var single: [ConformanceError]
    /// Names that the reference gives and the answer lacks: they would go unnoticed otherwise.
    public var missing: [String] = []
    /// Whether a KL term takes the direct form of k3, which cancels in float32.
    public var isDirect = false
    /// Why some quantities are not compared, or compared under other words.
    public var deviations: [KnownDeviation] = []
}

extension GoldenEntry {
    /// Throws `WordError`, `DocumentError` and `AdvantageError`. `nil`: not about what is computed here.
    public func result() throws -> ConformanceResult? {
        switch self {
        case .objective(let golden): try golden.result()
        case .advantages(let golden): try golden.result()
        case .estimates(let golden): try golden.result()
        case .logits: nil
        }
    }

    /// As messages call it.
    public var name: String {
        switch self {
        case .objective(let golden): golden.name
        case .advantages(let golden): golden.name
        case .estimates(let golden): golden.estimator.rawValue
        case .logits: "logits"
        }
    }
}

extension GoldenAdvantages {
    func result() throws -> ConformanceResult {
        let rule = try AlgorithmSettings(profile: profile, changes: settings).advantage
        let ours = try GRPO.advantages(ofBatch: rewards, rule: rule).flatMap { $0 }
        let scale = mean(rewards.joined().map(abs))
        return ConformanceResult(
            profile: profile, name: name, source: source,
            double: [
                ConformanceError("advantages", ours, advantages.flatMap { $0 }, scale: scale)
            ], single: [])
    }
}

extension GoldenEstimates {
    func result() throws -> ConformanceResult {
        var changes = settings
        changes["kl_estimator"] = .text(estimator.rawValue)
        let configuration = try AlgorithmSettings(profile: "cohort", changes: changes).objective
        let rule = DivergenceRule<Double>(configuration)
        let terms = x.map(rule.term)
        return ConformanceResult(
            profile: "kl_estimator \(estimator.rawValue)", name: "\(estimator)", source: source,
            double: [
                ConformanceError("value", terms.map(\.value), value),
                ConformanceError("derivative", terms.map(\.gradient), gradient),
            ], single: [])
    }
}

extension GoldenCase {
    /// Quantities of which the reference says nothing are left out.
    func result() throws -> ConformanceResult {
        var settings = try AlgorithmSettings(profile: profile, changes: settings)
        let deviations = deviations(settings)
        for change in deviations.flatMap(\.changes) {
            try AlgorithmWord.named(change.key).set(change.value, in: &settings)
        }
        let excluded = Set(deviations.flatMap(\.quantities))
        let double = try input.evaluate(settings, profile: profile).quantities
        let single = try input.evaluate(settings, profile: profile, in: Float.self).quantities
        let names = Set(double.map { $0.name.split(separator: ".")[0] })
        return ConformanceResult(
            profile: profile, name: name, source: source,
            double: double.compactMap { quantity in
                guard !excluded.contains(String(quantity.name.split(separator: ".")[0])),
                    let value = expected(quantity.name)
                else { return nil }
                return ConformanceError(
                    quantity.name, quantity.values, value.numbers, scale: quantity.scale)
            },
            single: zip(single, double).map {
                ConformanceError($1.name, $0.values, $1.values, scale: $1.scale)
            },
            missing: expected.keys.filter { !names.contains($0[...]) && !excluded.contains($0) }
                .sorted(),
            isDirect: settings.objective.beta != 0
                && [.k3Direct, .lowVar].contains(settings.objective.klEstimator),
            deviations: deviations)
    }

    /// `clip_ratio.low_mean` is a member of a member.
    private func expected(_ name: String) -> GoldenValue? {
        let parts = name.split(separator: ".").map(String.init)
        guard let value = expected[parts[0]], value != .null else { return nil }
        guard parts.count > 1 else { return value }
        guard case .members(let members) = value, members[parts[1]] != .null else { return nil }
        return members[parts[1]]
    }
}

/// Numbers of an answer, and the mean absolute term of the sums that they are.
struct ConformanceQuantity {
    let name: String
    let values: [Double]
    let scale: Double
}

extension ObjectiveAnswer {
    var quantities: [ConformanceQuantity] {
        let gradients = [
            ("gradient", gradient), ("entropy_gradient", entropyGradient),
            ("divergence_gradient", divergenceGradient), ("value_gradient", valueGradient),
        ].filter { !$0.1.isEmpty }
        let termScale = statistics.meanAbsoluteTerm
        let advantages = advantages.joined().flatMap { $0.perToken(count: 1) }
        return [ConformanceQuantity(name: "advantages", values: advantages, scale: rewardScale)]
            + terms.map { ConformanceQuantity(name: $0.name, values: [$0.value], scale: termScale) }
            + gradients.map {
                ConformanceQuantity(name: $0.0, values: $0.1.flatMap { $0.flatMap { $0 } }, scale: 0)
            }
            + (statistics.kl.map { [ConformanceQuantity(name: "kl", values: [$0], scale: 0)] } ?? [])
            + figures.flatMap { group in
                group.values.map {
                    ConformanceQuantity(
                        name: "\(group.name).\($0.name)", values: [$0.value], scale: 0)
                }
            }
    }
}
