internal import GRPO

/// One concern's share of the seed: what it draws does not depend on what other concerns draw.
struct Chance {
    enum Concern: UInt64 {
        case knobs = 1
        case network, faults, work, disk
    }

    private var random: CounterRandom

    init(seed: UInt64, _ concern: Concern) {
        random = CounterRandom(seed: seed, stream: 0x5349_4D00 | concern.rawValue)
    }

    /// In [0, 1).
    mutating func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }

    /// True with this probability; nothing is drawn for what never happens.
    mutating func happens(_ probability: Double) -> Bool {
        probability > 0 && uniform() < probability
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        let (value, _) = UInt64(range.count).multipliedFullWidth(by: random.next())
        return range.lowerBound + Int(value)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[integer(0...elements.count - 1)]
    }

    /// Uniform.
    mutating func duration(_ range: ClosedRange<Duration>) -> Duration {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// The time until the next of events that come by themselves, one every `mean`.
    mutating func pause(mean: Duration) -> Duration { mean * (2 * uniform()) }

    mutating func delay(_ delay: Delay) -> Duration {
        guard delay.typical > .zero else { return .zero }
        var result = delay.typical * (1 - delay.spread + 2 * delay.spread * uniform())
        if happens(delay.tailShare) {
            // Pareto with α = 1, cut off: only operations whose bits are the same on every machine.
            result += delay.typical * min(delay.tailMax, 1 / (1 - uniform()))
        }
        return result
    }
}

/// How long something takes: around what is typical, and now and then far longer.
package struct Delay: Hashable, Sendable {
    package var typical: Duration
    /// Of the typical value, to either side; 0 … 1.
    package var spread: Double
    /// How often the tail is added.
    package var tailShare: Double
    /// The longest tail, in typical values.
    package var tailMax: Double

    package init(
        _ typical: Duration, spread: Double = 0.2, tailShare: Double = 0, tailMax: Double = 100
    ) {
        self.typical = typical
        self.spread = spread
        self.tailShare = tailShare
        self.tailMax = tailMax
    }

    package static let none = Delay(.zero)

    /// The tail alone.
    var tail: Delay {
        Delay(typical, spread: spread, tailShare: 1, tailMax: tailMax)
    }
}
