/// An interval of finite numbers, each end open or closed.
package struct NumberRange: Hashable, Sendable {
    private var lower: Double
    private var includesLower: Bool
    private var upper: Double
    private var includesUpper: Bool

    /// [`lower`, ∞)
    static func atLeast(_ lower: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: true, upper: .infinity, includesUpper: false)
    }

    /// (−∞, ∞)
    static let any = NumberRange(
        lower: -.infinity, includesLower: false, upper: .infinity, includesUpper: false)

    /// (−∞, `upper`]
    static func atMost(_ upper: Double) -> NumberRange {
        NumberRange(lower: -.infinity, includesLower: false, upper: upper, includesUpper: true)
    }

    /// (`lower`, ∞)
    static func above(_ lower: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: false, upper: .infinity, includesUpper: false)
    }

    /// (`lower`, `upper`]
    static func above(_ lower: Double, atMost upper: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: false, upper: upper, includesUpper: true)
    }

    /// [`lower`, `upper`)
    static func from(_ lower: Double, below upper: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: true, upper: upper, includesUpper: false)
    }

    /// Never true of an infinity or NaN.
    func contains(_ value: Double) -> Bool {
        value.isFinite && (includesLower ? value >= lower : value > lower)
            && (includesUpper ? value <= upper : value < upper)
    }

    /// "above 0 and at most 1"
    var described: String {
        if !lower.isFinite { return upper.isFinite ? "of at most " + Self.short(upper) : "of any size" }
        let low = (includesLower ? "of at least " : "above ") + Self.short(lower)
        guard upper.isFinite else { return low }
        return low + " and " + (includesUpper ? "at most " : "below ") + Self.short(upper)
    }

    private static func short(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? value.description
    }
}
