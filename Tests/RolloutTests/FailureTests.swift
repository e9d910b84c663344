import GRPO
import Ports
import Testing
import Training

@Suite(.timeLimit(.minutes(2))) struct FailureTests {
    struct Broken: Error {}

    @Test(
        "A reward function that throws ends the run with that error, whoever scores",
        arguments: [false, true])
    func throwingReward(atLearner: Bool) async throws {
        var run = Run(scoresAtLearner: atLearner)
        run.reward = FavouriteReward { prompt, _ in
            if prompt[1] == 5 { throw Broken() }
            return nil
        }
        run.workers = [.init(), .init()]
        await #expect(throws: Broken.self) { try await run.execute() }
    }

    @Test(
        "A wrong number of rewards ends the run, and is never broadcast", arguments: [false, true])
    func wrongCount(atLearner: Bool) async throws {
        var run = Run(scoresAtLearner: atLearner)
        run.reward = FavouriteReward { prompt, _ in prompt[1] == 5 ? [1] : nil }
        await #expect(throws: WrongRewardCount.self) { try await run.execute() }
    }

    @Test(
        "Rewards that are not finite are dropped with their cause and tried again, always the same way"
    )
    func badRewards() async throws {
        var run = Run(staleness: 1)
        // A pure function of the completions, as everything else here.
        run.reward = FavouriteReward { _, completions in
            let sum = completions.reduce(0) { $0 + $1.tokens.reduce(0, +) }
            return sum % 4 == 3 ? completions.map { _ in .nan } : nil
        }
        let calm = try await run.execute()
        let dropped = calm.outcome.accounting.dropped["bad_reward", default: 0]
        #expect(dropped > 0)
        #expect(calm.outcome.accounting.consumed == 18)
        #expect(calm.outcome.accounting.issued == 18 + dropped)
        #expect(calm.verdicts.count { $0 == .dropped(.badReward) } == dropped)
        #expect(calm.reports.contains { $0.batch.contains { $0.key.attempt > 0 } })
        #expect(calm.notes.count { $0.contains("is nan") } == dropped)
        run.workers = [.init(slots: 1), .init(slots: 3, batchGroups: 2, fate: .diesAt(2)), .init()]
        let wild = try await run.execute()
        #expect(wild.digest == calm.digest)
        #expect(wild.outcome.accounting.dropped == calm.outcome.accounting.dropped)
    }

    @Test("A prompt whose rewards are never usable ends the run and says which")
    func hopelessPrompt() async throws {
        var run = Run()
        run.reward = FavouriteReward { prompt, completions in
            prompt[1] == 5 ? completions.map { _ in .infinity } : nil
        }
        let error = await #expect(throws: LearnerAborted.self) { try await run.execute() }
        #expect(error?.description.contains("prompt 5") == true)
        #expect(error?.description.contains("3 times") == true)
    }

    @Test("A learner that fails sends its workers home")
    func workersAreSentHome() async throws {
        let run = Run()
        let ring = InProcessRing(configuration: run.configuration)
        let policy = BanditTrainer()
        let learner = Learner(
            ends: .init(
                policy: policy, groups: ring, snapshots: ring, journal: MemoryJournal(),
                checkpoints: nil, reward: nil),
            setup: run.setup, recipe: run.recipe, prompts: Run.prompts,
            start: LearnerStart(version: PolicyVersion(incarnation: 0, number: 0)), saveSteps: 0,
            observer: LearnerObserver(onStep: { _ in "" }, onNote: { _ in }), clock: StillClock())
        let task = Task { try await learner.run() }
        let end = await ring.join(WorkerID(name: "a", incarnation: 1), slots: 1)
        #expect(try await end.leases(upTo: 1).count == 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await end.leases(upTo: 1).isEmpty)
    }

    @Test("A link that closes during the run is an error, not a silence")
    func closedLink() async throws {
        let run = Run()
        let ring = InProcessRing(configuration: run.configuration)
        let learner = Learner(
            ends: .init(
                policy: BanditTrainer(), groups: ring, snapshots: ring, journal: MemoryJournal(),
                checkpoints: nil, reward: nil),
            setup: run.setup, recipe: run.recipe, prompts: Run.prompts,
            start: LearnerStart(version: PolicyVersion(incarnation: 0, number: 0)), saveSteps: 0,
            observer: LearnerObserver(onStep: { _ in "" }, onNote: { _ in }), clock: StillClock())
        await ring.drain(reason: "test")
        let error = await #expect(throws: LearnerAborted.self) { try await learner.run() }
        #expect(error?.description.contains("link") == true)
    }
}
