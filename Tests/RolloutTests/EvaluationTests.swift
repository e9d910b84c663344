import GRPO
import Ports
import Testing
import Training

/// Says of version k that its reward is k, and remembers what it was shown.
private struct CountingEvaluator: SnapshotEvaluator {
    struct NoPrompts: Error {}

    let seen = Log<(step: Int, weights: [UInt8])>()
    var failsAt = 0

    func evaluate(_ weights: [UInt8], step: Int) async throws -> EvaluationScores {
        seen.append((step, weights))
        if step == failsAt { throw NoPrompts() }
        return EvaluationScores(
            reward: Double(step), sampledAccuracy: 0, greedyAccuracy: 0, meanLength: 1)
    }
}

@Suite("Evaluation while training, and references that move", .timeLimit(.minutes(2)))
struct EvaluationTests {
    @Test("Every so many batches the version that was just made is evaluated")
    func periodic() async throws {
        let evaluator = CountingEvaluator()
        var run = Run(saveSteps: 1, evalSteps: 2)
        run.evaluator = evaluator
        let result = try await run.execute()
        #expect(evaluator.seen.all.map(\.step) == [2, 4, 6])
        #expect(result.reports.map(\.evaluation?.reward) == [nil, 2, nil, 4, nil, 6])
        for (step, weights) in evaluator.seen.all {
            #expect(await run.store.checkpoint(ofStep: step)?.weights == weights)
        }
        #expect(result.digest == (try await Run().execute()).digest)
    }

    @Test("Without eval_steps nothing is evaluated")
    func never() async throws {
        let evaluator = CountingEvaluator()
        var run = Run()
        run.evaluator = evaluator
        #expect(try await run.execute().reports.allSatisfy { $0.evaluation == nil })
        #expect(evaluator.seen.all.isEmpty)
    }

    @Test("An evaluation that fails is noted, and the run goes on as if nothing had been")
    func failing() async throws {
        var run = Run(evalSteps: 2)
        run.evaluator = CountingEvaluator(failsAt: 4)
        let result = try await run.execute()
        #expect(result.notes.contains("the evaluation after step 4 failed: NoPrompts()"))
        #expect(result.reports.map(\.evaluation?.reward) == [nil, 2, nil, nil, nil, 6])
        #expect(result.digest == (try await Run().execute()).digest)
    }

    @Test("A reference that moves is in every checkpoint, and the run goes on with it", arguments: [2, 3])
    func movingReference(syncSteps: Int) async throws {
        var run = Run(numIterations: 2, beta: 0.5, saveSteps: 1, referenceSyncSteps: syncSteps)
        run.store = MemoryStore()
        let whole = try await run.execute()
        let saved = await run.store.saved
        #expect(saved.count == 6 && saved.allSatisfy { $0.reference != nil })
        #expect(Set(saved.compactMap(\.reference)).count > 2)
        let still = try await Run(numIterations: 2, beta: 0.5).execute()
        #expect(whole.digest != still.digest)
        for checkpoint in saved {
            var resumed = run
            resumed.store = MemoryStore()
            resumed.checkpoint = checkpoint
            resumed.journal = MemoryJournal(whole.journal.entries)
            #expect(try await resumed.execute().digest == whole.digest)
        }
    }

    @Test("A reference that stays is in no checkpoint")
    func fixedReference() async throws {
        let run = Run(beta: 0.5, saveSteps: 2)
        _ = try await run.execute()
        #expect(await run.store.saved.allSatisfy { $0.reference == nil })
    }

    @Test("Runs with dynamic sampling end with the same weights for any number of workers")
    func dynamicSampling() async throws {
        // About a third of all groups are constant.
        let reward = FavouriteReward { prompt, completions in
            completions[0].tokens[0] % 3 == 0 ? completions.map { _ in 1 } : nil
        }
        var run = Run(replacements: 2)
        run.reward = reward
        let alone = try await run.execute()
        #expect(alone.outcome.accounting.dropped["constant_rewards"] ?? 0 > 0)
        #expect(alone.outcome.accounting.consumed == 18 && alone.outcome.accounting.isBalanced)
        run.workers = [.init(slots: 3, batchGroups: 2), .init(), .init(fate: .isRestartedAt(2))]
        let many = try await run.execute()
        #expect(many.digest == alone.digest)
        run.replacements = 0
        #expect(try await run.execute().digest != alone.digest)
    }
}
