/// m = Σ r / n, summed in order.
func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}

/// √(Σ (r − m)² / (n − 1)) or √(Σ (r − m)² / n), two passes; 0 for fewer values than that needs.
func standardDeviation(_ values: [Double], isBiased: Bool = false) -> Double {
    let count = isBiased ? values.count : values.count - 1
    guard count > 0 else { return 0 }
    let m = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - m) * ($1 - m) }
    return (squares / Double(count)).squareRoot()
}

/// Whether all rewards are equal: max == min, no arithmetic.
public func isConstant(_ rewards: [Double]) -> Bool {
    rewards.allSatisfy { $0 == rewards[0] }
}

extension EpsilonPlace {
    /// `centred` divided by `deviation` with ε in its place.
    func divide(_ centred: Double, by deviation: Double, epsilon: Double) -> Double {
        switch self {
        case .outside: centred / (deviation + epsilon)
        case .inside: centred / (deviation * deviation + epsilon).squareRoot()
        case .floor: centred / (max(deviation * deviation, epsilon).squareRoot() + epsilon)
        case .nonzero: deviation > 0 ? centred / (deviation + epsilon) : centred
        }
    }
}
