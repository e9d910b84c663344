import Foundation
import GRPO
import Ports
import Testing
import Training

@Suite(.timeLimit(.minutes(2))) struct ResumeTests {
    private static let variants = [
        Run(), Run(staleness: 1), Run(staleness: 2, numIterations: 2, minibatches: 2, beta: 0.04),
    ]

    @Test(
        "A run that was stopped and resumed ends with the weights of one that was not",
        arguments: variants, [0, 2, 4])
    func stopAndResume(variant: Run, stop: Int) async throws {
        var run = variant
        run.store = MemoryStore()
        let whole = try await run.execute()
        let wholeEnd = try #require(await run.store.saved.last)

        run.store = MemoryStore()
        run.stopsAfter = stop
        run.workers = [.init(), .init()]
        let first = try await run.execute()
        #expect(first.outcome.stopReason == "stopped by the test")
        #expect(first.outcome.version.number == UInt64(stop + 1))
        let checkpoint = try #require(await run.store.saved.last)
        #expect(checkpoint.step == stop + 1 && checkpoint.weights == first.outcome.weights)
        #expect(Set(checkpoint.earlierSnapshots.keys) == earlier(variant.staleness, stop + 1))

        run.stopsAfter = nil
        run.checkpoint = checkpoint
        let second = try await run.execute()
        #expect(second.digest == whole.digest)
        #expect(second.outcome.version == PolicyVersion(incarnation: 1, number: 6))
        #expect(second.outcome.optimizerSteps == whole.outcome.optimizerSteps)
        #expect(second.outcome.tokens == whole.outcome.tokens)
        #expect(second.outcome.accounting.consumed == 18 && second.outcome.accounting.issued == 18)
        #expect((first.reports + second.reports).map(\.step) == Array(0..<6))
        #expect(await run.store.saved.last?.optimizer == wholeEnd.optimizer)
    }

    /// Numbers of the versions that batches after `step` are sampled from, without the newest.
    private func earlier(_ staleness: Int, _ step: Int) -> Set<UInt64> {
        Set((max(0, step - staleness)..<step).map { UInt64($0) })
    }

    @Test(
        "A checkpoint of any step leads to the same weights, as if the learner had been killed after it",
        arguments: variants)
    func periodicCheckpoints(variant: Run) async throws {
        var run = variant
        run.store = MemoryStore()
        run.saveSteps = 1
        run.workers = [.init(slots: 3, batchGroups: 2), .init()]
        let whole = try await run.execute()
        let saved = await run.store.saved
        #expect(saved.map(\.step) == [1, 2, 3, 4, 5, 6])
        for checkpoint in saved {
            var resumed = variant
            resumed.store = MemoryStore()
            resumed.checkpoint = checkpoint
            let result = try await resumed.execute()
            #expect(result.digest == whole.digest)
            #expect(result.outcome.accounting.consumed == 18)
            #expect(await resumed.store.saved.last?.optimizer == saved[5].optimizer)
        }
    }

    @Test("Checkpoints are due every so many batches and at the end")
    func due() async throws {
        let run = Run(saveSteps: 4)
        _ = try await run.execute()
        #expect(await run.store.saved.map(\.step) == [4, 6])
    }

    @Test("Writing a checkpoint holds no step up; one is written at a time, and the newest wins")
    func slowStore() async throws {
        let gate = Mailbox<Never>(capacity: 1)
        var run = Run(saveSteps: 1)
        run.store = MemoryStore { step in if step == 1 { _ = await gate.next() } }
        // The first write ends only when the fourth step was trained.
        run.onStep = { if $0.step == 3 { gate.close() } }
        let result = try await run.execute()
        #expect(result.reports.map(\.step) == Array(0..<6))
        let steps = await run.store.saved.map(\.step)
        #expect(steps.first == 1 && steps.last == 6)
        #expect(!steps.contains(2), "\(steps)")
        #expect(steps == steps.sorted() && Set(steps).count == steps.count, "\(steps)")
    }

    @Test("A periodic checkpoint that cannot be written is noted, and the run goes on")
    func failingPeriodicSave() async throws {
        struct DiskFull: Error {}
        var run = Run(saveSteps: 2)
        run.store = MemoryStore { step in if step == 2 { throw DiskFull() } }
        let result = try await run.execute()
        #expect(result.notes.contains { $0.hasPrefix("checkpoint 2 was not written: DiskFull") })
        #expect(await run.store.saved.map(\.step) == [4, 6])
    }

    @Test("A last checkpoint that cannot be written is an error, and the workers are sent home")
    func failingLastSave() async throws {
        struct DiskFull: Error {}
        var run = Run()
        run.store = MemoryStore { _ in throw DiskFull() }
        await #expect(throws: DiskFull.self) { try await run.execute() }
    }

    @Test("Two runs write the same bytes of state")
    func stateBytes() async throws {
        func state() async throws -> [UInt8]? {
            var run = Run(staleness: 2, stopsAfter: 2)
            run.store = MemoryStore()
            _ = try await run.execute()
            return await run.store.saved.last?.state
        }
        let first = try await state()
        let decoded = try JSONDecoder().decode(LearnerProgress.self, from: Data(first ?? []))
        #expect(decoded.step == 3 && decoded.accounting.isBalanced)
        #expect(decoded.accounting.consumed == 9)
    }
}
