private import GRPO

/// Additions of two two-digit numbers: `"a+b="` with the sum as answer.
///
/// All 8,100 pairs of 10 … 99 are shuffled by the seed; the first `heldOutFraction` of them are held out. So the
/// two sets are disjoint as pairs, while every summand occurs in both.
package struct AdditionTask: ProceduralTask {
    package static let name = "addition"

    package let training: [TaskItem]
    package let heldOut: [TaskItem]

    /// `heldOutFraction` is at least 0 and less than 1.
    package init(seed: UInt64, heldOutFraction: Double = 0.1) {
        precondition(
            heldOutFraction >= 0 && heldOutFraction < 1,
            "the held-out fraction must be in 0 ..< 1, not \(heldOutFraction)")
        let summands = 10...99
        var pairs = summands.flatMap { left in summands.map { (left: left, right: $0) } }
        // The stream's number is the task's own, so that no other use of the seed meets it.
        var random = CounterRandom(seed: seed, stream: 0x6164_6469_7469_6F6E)
        // Fisher–Yates, spelled out: the standard library does not promise its order for ever.
        for last in stride(from: pairs.count - 1, to: 0, by: -1) {
            pairs.swapAt(last, random.index(below: last + 1))
        }
        let items = pairs.map { pair in
            TaskItem(prompt: "\(pair.left)+\(pair.right)=", answer: "\(pair.left + pair.right)")
        }
        let count = Int((heldOutFraction * Double(items.count)).rounded())
        heldOut = Array(items[..<count])
        training = Array(items[count...])
    }
}

extension CounterRandom {
    /// A uniform index in 0 ..< `count`, by rejection so that none is likelier than another.
    fileprivate mutating func index(below count: Int) -> Int {
        let bound = UInt64(count)
        let unbiased = UInt64.max - UInt64.max % bound
        while true {
            let word = next()
            if word < unbiased { return Int(word % bound) }
        }
    }
}
