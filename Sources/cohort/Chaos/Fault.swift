package import GRPO

/// Something that is done to one process of a run.
package struct Fault: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// `kill -9`
        case kill
        /// SIGSTOP, and SIGCONT some time later.
        case stop
    }

    package var kind: Kind
    /// "learner" or "worker-0".
    package var target: String
    /// The step that has to be published before; `nil`: none.
    package var afterStep: Int?
    /// When, in seconds after that step, or else after the start of the cluster.
    package var due: Double

    package init(_ kind: Kind, _ target: String, afterStep: Int? = nil, due: Double) {
        self.kind = kind
        self.target = target
        self.afterStep = afterStep
        self.due = due
    }

    package var hitsLearner: Bool { target == "learner" }
}

/// Which faults a run shall suffer; the same for the same seed.
package struct ChaosPlan: Hashable, Sendable {
    package enum Target: String, Hashable, Sendable, CaseIterable { case workers, learner, both }

    package var kills: Int
    package var stops: Int
    /// Whom they hit; `both`: every third one the learner.
    package var target: Target
    /// Mean time between two faults, in seconds; `nil`: they are spread over the steps of the run, and all
    /// take place however fast it is.
    package var every: Double?
    package var seed: UInt64

    /// The longest time from a step to a fault that comes after it, in seconds.
    private static let delayMax = 0.1

    package init(kills: Int, stops: Int, target: Target, every: Double?, seed: UInt64) {
        self.kills = kills
        self.stops = stops
        self.target = target
        self.every = every
        self.seed = seed
    }

    /// Kinds and targets in random order. The times between them are uniform in 0 to 2 × `every`, or the
    /// steps after which they come are uniform in the first nine tenths of the run's `steps`.
    package func faults(workers: Int, steps: Int) -> [Fault] {
        precondition(workers > 0 || target == .learner, "nobody to hit")
        var random = Stream(philox: Philox4x32(seed: seed))
        var aims = aims(kills, .kill) + aims(stops, .stop)
        for index in aims.indices.reversed() {
            aims.swapAt(index, random.below(index + 1))
        }
        var faults = aims.map { aim in
            let worker = random.below(max(1, workers))
            return Fault(aim.kind, aim.hitsLearner ? "learner" : "worker-\(worker)", due: 0)
        }
        let afterSteps = faults.map { _ in random.below(max(1, steps * 9 / 10)) }.sorted()
        var due = 0.0
        for index in faults.indices {
            if let every {
                due += random.uniform() * 2 * every
                faults[index].due = due
            } else {
                faults[index].afterStep = afterSteps[index]
                faults[index].due = random.uniform() * Self.delayMax
            }
        }
        return faults
    }

    private func aims(_ count: Int, _ kind: Fault.Kind) -> [(kind: Fault.Kind, hitsLearner: Bool)] {
        (0..<count).map { index in
            switch target {
            case .workers: (kind, false)
            case .learner: (kind, true)
            case .both: (kind, index % 3 == 2)
            }
        }
    }
}

/// Numbers one after the other out of a counter-based generator.
private struct Stream {
    let philox: Philox4x32
    private var counter: UInt32 = 0

    init(philox: Philox4x32) { self.philox = philox }

    private mutating func next() -> UInt32 {
        defer { counter += 1 }
        return philox((counter, 0, 0x4641_554C, 0x5453_0001)).0
    }

    /// In [0, 1).
    mutating func uniform() -> Double { Double(next()) * 0x1p-32 }

    mutating func below(_ limit: Int) -> Int { Int(uniform() * Double(limit)) }
}
