/// How far one quantity of one case is from its reference.
public struct ConformanceError: Hashable, Sendable {
    public var profile: String
    public var name: String
    public var quantity: String
    /// max|a − b| / max(max|b|, mean absolute term of the sum).
    public var relative: Double
    /// max|a − b|.
    public var absolute: Double
}

extension GoldenCase {
    /// float64 against the reference values. Quantities of which the reference says nothing are left out.
    ///
    /// Throws `WordError` and `DocumentError`.
    public func errors() throws -> [ConformanceError] {
        let settings = try AlgorithmSettings(profile: profile, changes: settings)
        let answer = try input.evaluate(settings, profile: profile)
        return answer.quantities.compactMap { quantity in
            guard let value = expected(quantity.name) else { return nil }
            return error(quantity, quantity.values, value.numbers)
        }
    }

    /// float32 against our own float64.
    public func singlePrecisionErrors() throws -> [ConformanceError] {
        let settings = try AlgorithmSettings(profile: profile, changes: settings)
        let double = try input.evaluate(settings, profile: profile)
        let single = try input.evaluate(settings, profile: profile, in: Float.self)
        return zip(single.quantities, double.quantities).map { single, double in
            error(double, single.values, double.values)
        }
    }

    /// Names that the reference gives and the answer lacks: they would go unnoticed otherwise.
    public func missingQuantities() throws -> [String] {
        let settings = try AlgorithmSettings(profile: profile, changes: settings)
        let answer = try input.evaluate(settings, profile: profile)
        let ours = Set(answer.quantities.map { $0.name.split(separator: ".")[0] })
        return expected.keys.filter { !ours.contains($0[...]) }.sorted()
    }

    /// `clip_ratio.low_mean` is a member of a member.
    private func expected(_ name: String) -> GoldenValue? {
        let parts = name.split(separator: ".").map(String.init)
        guard let value = expected[parts[0]], value != .null else { return nil }
        guard parts.count > 1 else { return value }
        guard case .members(let members) = value else { return nil }
        return members[parts[1]]
    }

    private func error(
        _ quantity: ConformanceQuantity, _ ours: [Double], _ theirs: [Double]
    ) -> ConformanceError {
        var result = ConformanceError(
            profile: profile, name: name, quantity: quantity.name, relative: .infinity,
            absolute: .infinity)
        guard ours.count == theirs.count else { return result }
        let difference = zip(ours, theirs).map { abs($0 - $1) }
        guard difference.allSatisfy(\.isFinite) else { return result }
        result.absolute = difference.max() ?? 0
        let size = max(theirs.map(abs).max() ?? 0, quantity.scale)
        result.relative = result.absolute == 0 ? 0 : result.absolute / size
        return result
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
        // A loss is a sum that may cancel; ∂L/∂ℓ has the size of its terms, as ∂(ρA)/∂ℓ = ρA.
        let flat = gradient.joined().joined()
        let termScale = flat.reduce(0) { $0 + abs($1) } / Double(max(1, flat.count))
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
