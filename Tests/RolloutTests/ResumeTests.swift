import Foundation
import GRPO
import Ports
import Rollout
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
        run.journal = first.journal
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
        "A learner that was killed at any entry of its journal ends with the same bits",
        arguments: variants)
    func killedAnywhere(variant: Run) async throws {
        var run = variant
        run.store = MemoryStore()
        run.saveSteps = 2
        run.workers = [.init(slots: 3, batchGroups: 2), .init()]
        let whole = try await run.execute()
        let saved = await run.store.saved
        #expect(saved.map(\.step) == [2, 4, 6])
        let entries = whole.journal.entries
        for count in 0...entries.count {
            var resumed = variant
            resumed.store = MemoryStore()
            let journal = MemoryJournal(entries.prefix(count))
            resumed.journal = journal
            resumed.checkpoint = try saved.last { try $0.journalCount <= count }
            let result = try await resumed.execute()
            #expect(result.digest == whole.digest, "killed after entry \(count)")
            let accounting = result.outcome.accounting
            #expect(accounting.consumed == 18 && accounting.journaled == 0)
            // What was journaled is not sampled again.
            let groups = journal.entries.count { if case .group = $0 { true } else { false } }
            #expect(groups == 18)
            #expect(await resumed.store.saved.last?.optimizer == saved[2].optimizer)
            #expect(try await RunHistory(of: journal).batches.count == 6)
        }
    }

    @Test("A damaged newest checkpoint costs time only: the one before it leads to the same bits")
    func olderCheckpoint() async throws {
        var run = Run(staleness: 1, numIterations: 2)
        run.store = MemoryStore()
        run.saveSteps = 1
        let whole = try await run.execute()
        for checkpoint in await run.store.saved {
            var resumed = Run(staleness: 1, numIterations: 2)
            resumed.journal = MemoryJournal(whole.journal.entries)
            resumed.checkpoint = checkpoint
            let result = try await resumed.execute()
            #expect(result.digest == whole.digest)
            #expect(result.reports.map(\.step) == Array(checkpoint.step..<6))
            #expect(result.totals.allSatisfy { $0.groups == 0 })
        }
    }

    @Test("A step's metrics are out before its checkpoint is written, also of a step trained on again")
    func metricsBeforeCheckpoints() async throws {
        let first = try await Run().execute()
        let order = Log<Int>()
        var run = Run(saveSteps: 1)
        run.journal = MemoryJournal(first.journal.entries)
        run.store = MemoryStore { step in order.append(-step) }
        run.onStep = { order.append($0.step + 1) }
        _ = try await run.execute()
        let all = order.all
        for step in 1...6 {
            let shown = try #require(all.firstIndex(of: step))
            #expect(try shown < #require(all.firstIndex(of: -step)))
        }
    }

    @Test("In the bounded schedule the journal's batches are trained on again, whatever comes after")
    func boundedReplay() async throws {
        var run = Run(schedule: .bounded, staleness: 2)
        run.workers = [.init(slots: 3, batchGroups: 2), .init()]
        let whole = try await run.execute()
        let entries = whole.journal.entries
        for count in 0...entries.count {
            var resumed = run
            resumed.store = MemoryStore()
            let journal = MemoryJournal(entries.prefix(count))
            resumed.journal = journal
            let before = try await RunHistory(of: journal)
            let result = try await resumed.execute()
            let after = try await RunHistory(of: journal)
            #expect(Array(after.batches.prefix(before.batches.count)) == before.batches)
            #expect(before.digests.allSatisfy { after.digests[$0.key] == $0.value })
            #expect(result.outcome.accounting.isBalanced && result.outcome.accounting.consumed == 18)
            if before.batches.count == 6 { #expect(result.digest == whole.digest) }
        }
    }

    @Test("Weights that come out differently end the run with the first version that differs")
    func divergence() async throws {
        var run = Run()
        run.store = MemoryStore()
        let whole = try await run.execute()
        var other = Run(learningRate: 0.5)
        other.journal = MemoryJournal(whole.journal.entries)
        let error = await #expect(throws: Divergence.self) { try await other.execute() }
        #expect(error?.version == 1)
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
        #expect(decoded.step == 3 && decoded.journal.count > 9)
    }
}

extension TrainingCheckpoint {
    /// Entries that the journal had when the checkpoint was taken.
    fileprivate var journalCount: Int {
        get throws {
            Int(try JSONDecoder().decode(LearnerProgress.self, from: Data(state)).journal.count)
        }
    }
}
