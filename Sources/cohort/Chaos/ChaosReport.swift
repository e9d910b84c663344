package import Ports

/// What `cohort chaos` found.
package struct ChaosReport: Hashable, Sendable, Codable {
    /// All faults of one kind and target.
    package struct Row: Hashable, Sendable, Codable {
        package var kind: Fault.Kind
        /// "learner" or "worker".
        package var target: String
        package var count: Int
        /// After how many of them work went on before the run ended.
        package var recovered: Int
        /// Of those, in seconds.
        package var recoveryP50: Double?
        package var recoveryP90: Double?
        package var recoveryP99: Double?
        package var recoveryMax: Double?
        package var groupsAgain: Int
        package var stepsAgain: Int

        package init(_ kind: Fault.Kind, target: String, _ outcomes: [FaultOutcome]) {
            let times = outcomes.compactMap(\.recoverySeconds).sorted()
            self.kind = kind
            self.target = target
            count = outcomes.count
            recovered = times.count
            recoveryP50 = Self.percentile(50, of: times)
            recoveryP90 = Self.percentile(90, of: times)
            recoveryP99 = Self.percentile(99, of: times)
            recoveryMax = times.last
            groupsAgain = outcomes.reduce(0) { $0 + $1.groupsAgain }
            stepsAgain = outcomes.reduce(0) { $0 + $1.stepsAgain }
        }

        /// The smallest value that is not below `percent` % of them (nearest rank); `nil` of none.
        static func percentile(_ percent: Int, of sorted: [Double]) -> Double? {
            sorted.isEmpty ? nil : sorted[(sorted.count * percent + 99) / 100 - 1]
        }
    }

    /// One run of the job.
    package struct Run: Hashable, Sendable, Codable {
        package var directory: String
        /// From the start of the processes to the learner's end.
        package var seconds: Double
        package var steps: Int
        package var groups: GroupAccounting
        package var weightsSHA256: String
        /// Share of `seconds` that the learner spent in steps whose result stands, from one published
        /// version to the next, waiting for groups included: not in starting, nor in steps that had to be
        /// computed again.
        package var effectiveShare: Double

        package init(
            directory: String, seconds: Double, steps: Int, groups: GroupAccounting,
            weightsSHA256: String, effectiveShare: Double
        ) {
            self.directory = directory
            self.seconds = seconds
            self.steps = steps
            self.groups = groups
            self.weightsSHA256 = weightsSHA256
            self.effectiveShare = effectiveShare
        }
    }

    package var seed: UInt64
    package var faultsPlanned: Int
    package var rows: [Row]
    package var outcomes: [FaultOutcome]
    package var chaos: Run
    /// The same job without faults.
    package var calm: Run?
    /// Whether both must end with the same weights.
    package var isReproducible: Bool
    /// Whether they did; `nil` without a run to compare with.
    package var isSameBits: Bool?
    /// The time that the job takes undisturbed, as a share of the time that it took; `nil` without a run
    /// to compare with.
    package var effectiveTrainingTimeRatio: Double?
    /// What went wrong; the run passes if there is nothing.
    package var problems: [String]

    package init(
        seed: UInt64, faultsPlanned: Int, outcomes: [FaultOutcome], chaos: Run, calm: Run?,
        isReproducible: Bool, problems: [String] = []
    ) {
        self.seed = seed
        self.faultsPlanned = faultsPlanned
        self.outcomes = outcomes
        self.chaos = chaos
        self.calm = calm
        self.isReproducible = isReproducible
        isSameBits = calm.map { $0.weightsSHA256 == chaos.weightsSHA256 }
        effectiveTrainingTimeRatio = calm.map { $0.seconds / chaos.seconds }
        self.problems = problems
        rows = Fault.Kind.allCases.flatMap { kind in
            ["worker", "learner"].map { target in
                Row(kind, target: target, outcomes.filter {
                    $0.fault.kind == kind && $0.fault.hitsLearner == (target == "learner")
                })
            }
        }.filter { $0.count > 0 }
        if outcomes.count < faultsPlanned {
            self.problems.append(
                "the run was over after \(outcomes.count) of \(faultsPlanned) faults; raise --max-steps, "
                    + "or lower --every or leave it out")
        }
        if isReproducible, isSameBits == false {
            self.problems.append("the weights are not those of the run without faults")
        }
    }
}
