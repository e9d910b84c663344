internal import GRPO
internal import Training
internal import Wire

/// What a lockstep run comes to, worked out in the simplest way: one prompt after the other, nobody in
/// between.
package enum Expectation {
    /// The weights after the last step.
    package static func weights(_ setup: SimulationSetup) -> UInt64 {
        precondition(setup.plan.schedule == .lockstep, "a bounded run depends on who is faster")
        let sampler = PretendSampler(setup)
        var tickets = TicketSource(setup.learner, prompts: setup.trainingPrompts)
        var versions = [setup.firstWeights]
        for step in 0..<setup.plan.maxSteps {
            let number = UInt64(max(0, step - setup.plan.maxStaleness))
            let version = PolicyVersion(incarnation: 1, number: number)
            let snapshot = PretendSnapshot(
                weights: versions[Int(number)], version: version, chunks: setup.snapshotChunks)
            let batch = (0..<setup.plan.groupsPerBatch).map { place -> Group in
                let ordinal = UInt64(step * setup.plan.groupsPerBatch + place)
                var attempt: UInt32 = 0
                while true {
                    let ticket = tickets.ticket(ordinal: ordinal, attempt: attempt, current: version)!
                    let group = sampler.score(sampler.sample(ticket, from: snapshot.reference.digest))
                    if isFit(group, attempt, setup) { return group }
                    attempt += 1
                }
            }
            versions.append(Pretence.weights(after: versions[step], batch))
        }
        return versions[setup.plan.maxSteps]
    }

    private static func isFit(_ group: Group, _ attempt: UInt32, _ setup: SimulationSetup) -> Bool {
        let rewards = group.completions.map { $0.reward ?? .nan }
        guard group.scoringFailure == nil, rewards.allSatisfy(\.isFinite) else { return false }
        return attempt >= UInt32(setup.replacementsMax) || rewards.contains { $0 != rewards[0] }
    }
}
