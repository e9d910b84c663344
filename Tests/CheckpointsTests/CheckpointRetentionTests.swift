import Checkpoints
import Foundation
import Testing

@Suite struct CheckpointRetentionTests {
    @Test("The newest few stay, and multiples of a step for ever")
    func rules() {
        let steps = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(CheckpointRetention().removable(of: steps, keeping: 8) == [])
        #expect(CheckpointRetention(limit: 0, every: 0).removable(of: steps, keeping: 8) == [])
        #expect(CheckpointRetention(every: 3).removable(of: steps, keeping: 8) == [])
        #expect(CheckpointRetention(limit: 3).removable(of: steps, keeping: 8) == [1, 2, 3, 4, 5])
        #expect(CheckpointRetention(limit: 3, every: 2).removable(of: steps, keeping: 8) == [1, 3, 5])
        #expect(CheckpointRetention(limit: 1, every: 4).removable(of: steps, keeping: 7) == [1, 2, 3, 5, 6])
        #expect(CheckpointRetention(limit: 20).removable(of: steps, keeping: 8) == [])
    }

    @Test("In random runs exactly the named ones are there, whatever fails in between")
    func random() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = SplitMix(seed: seed)
            let retention = CheckpointRetention(
                limit: Int.random(in: 0...4, using: &random), every: Int.random(in: 0...4, using: &random))
            let disk = SimulatedDisk()
            let directory = try CheckpointDirectory(path: "/run", retention: retention, on: disk)
            var expected: [Int] = []
            var step = 0
            for _ in 0..<20 {
                // Now and then a run goes back behind a damaged checkpoint.
                step = max(0, step + Int.random(in: -2...5, using: &random))
                let fails = Bool.random(using: &random)
                if fails { disk.fail(.error(EIO), at: Int.random(in: 1...60, using: &random)) }
                let saved = try? directory.save(checkpoint(step))
                disk.heal()
                guard let saved else {
                    #expect(try directory.steps() == expected, "seed \(seed)")
                    continue
                }
                try directory.prune(keeping: saved)
                expected = kept(Set(expected + [step]), newest: step, retention)
                #expect(try directory.steps() == expected, "seed \(seed)")
                #expect(try directory.verify(step: step).step == step, "seed \(seed)")
            }
        }
    }

    /// Said in another way than the code does.
    private func kept(_ steps: Set<Int>, newest: Int, _ retention: CheckpointRetention) -> [Int] {
        guard let limit = retention.limit else { return steps.sorted() }
        var newestFew: Set = [newest]
        for step in steps.sorted(by: >) where newestFew.count < limit { newestFew.insert(step) }
        let forEver = steps.filter { step in retention.every.map { step % $0 == 0 } ?? false }
        return newestFew.union(forEver).sorted()
    }
}
