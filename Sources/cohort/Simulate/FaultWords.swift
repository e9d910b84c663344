import ArgumentParser
import Simulation

/// `light,worker_crash=600`: a plan by name, changed by keys. Without a name the plan is `none`.
struct FaultWords: Hashable, Sendable {
    var plan: FaultRates

    /// Throws a `ValidationError` that names the word that is wrong.
    init(parsing text: String) throws(ValidationError) {
        plan = .none
        for (index, word) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            guard let sign = word.firstIndex(of: "=") else {
                plan = try Self.plan(named: String(word), isFirst: index == 0)
                continue
            }
            let (key, value) = (String(word[..<sign]), String(word[word.index(after: sign)...]))
            guard let number = Double(value) else {
                throw ValidationError("--faults: the value of \(key) must be a number, not \"\(value)\"")
            }
            if let defect = plan.set(key, to: number) {
                throw ValidationError(
                    "--faults: \(defect); the keys are \(FaultRates.keys.joined(separator: ", "))")
            }
        }
    }

    private static func plan(named name: String, isFirst: Bool) throws(ValidationError) -> FaultRates {
        switch (name, isFirst) {
        case ("none", true): return .none
        case ("light", true): return .light
        case ("heavy", true): return .heavy
        default:
            throw ValidationError(
                "--faults: \"\(name)\" is neither KEY=VALUE nor, at the beginning, none, light or heavy")
        }
    }
}

/// `1..1000`
struct SeedRange: Hashable, Sendable, ExpressibleByArgument {
    var seeds: ClosedRange<UInt64>

    init?(argument: String) {
        let parts = argument.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, argument.contains(".."), let first = UInt64(parts[0]),
            let last = UInt64(parts[1]), first <= last
        else { return nil }
        seeds = first...last
    }
}
