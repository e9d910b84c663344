import Checkpoints
import Foundation
import Testing

/// A change to the checkpoints of a run on a simulated disk, and what may be found if it is cut short.
struct Interruption: Sendable, CustomTestStringConvertible {
    /// A checkpoint by what is in it.
    struct Mark: Hashable, Sendable {
        var step: Int
        var variant = "first"
    }

    var testDescription: String
    var before: [Mark]
    var saved: Mark
    var limit: Int?

    static let path = "/run/checkpoints"

    static let all = [
        Interruption(testDescription: "the first checkpoint", before: [], saved: Mark(step: 1)),
        Interruption(testDescription: "a second one", before: [Mark(step: 1)], saved: Mark(step: 2)),
        Interruption(
            testDescription: "one that older ones give way to", before: [Mark(step: 1), Mark(step: 2)],
            saved: Mark(step: 3), limit: 1),
        Interruption(
            testDescription: "one of the same step", before: [Mark(step: 1)],
            saved: Mark(step: 1, variant: "second")),
        Interruption(
            testDescription: "one of the same step, soon after another",
            before: [Mark(step: 1), Mark(step: 1, variant: "second")],
            saved: Mark(step: 1, variant: "third")),
    ]

    /// A disk on which everything before the change is durable.
    func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        let directory = try CheckpointDirectory(path: Self.path, on: disk)
        for mark in before { _ = try directory.save(Self.checkpoint(mark)) }
        return disk
    }

    func perform(on files: any FileSystem) throws {
        let directory = try CheckpointDirectory(
            path: Self.path, retention: CheckpointRetention(limit: limit), on: files)
        try directory.prune(keeping: directory.save(Self.checkpoint(saved)))
    }

    /// What is wrong with a disk that the change was cut short on; `nil`: nothing is lost, nothing mixed,
    /// and the next checkpoint can be saved. `isDone`: the change was reported to be done before.
    func violation(_ volume: Volume, isDone: Bool = false) -> String? {
        let disk = SimulatedDisk(volume)
        do {
            let directory = try CheckpointDirectory(path: Self.path, on: disk)
            let found = try directory.latest()
            guard found?.notes.isEmpty ?? true else { return "\(found?.notes ?? [])" }
            let mark = try found.map { try Self.mark(of: $0.checkpoint) }
            guard mark == saved || (mark == before.last && !isDone) else {
                return "found \(String(describing: mark))"
            }
            let next = Mark(step: 9)
            _ = try directory.save(Self.checkpoint(next))
            guard let latest = try directory.latest(), try Self.mark(of: latest.checkpoint) == next else {
                return "the next checkpoint is not the latest"
            }
            let rest = try disk.entries(of: Self.path).filter { $0.hasPrefix(".") }
            return rest.isEmpty ? nil : "left behind: \(rest)"
        } catch {
            return "\(error)"
        }
    }

    static func checkpoint(_ mark: Mark) throws -> Checkpoint {
        var checkpoint = try CheckpointsTests.checkpoint(mark.step)
        checkpoint.passThrough = []
        checkpoint.trainerState = Array("\(mark.step) \(mark.variant)".utf8)
        checkpoint.optimizer += Array(mark.variant.utf8)
        return checkpoint
    }

    /// Throws where the parts are not of one checkpoint.
    private static func mark(of found: VerifiedCheckpoint) throws -> Mark {
        let state = String(decoding: try found.trainerState(), as: UTF8.self).split(separator: " ")
        let mark = Mark(step: found.step, variant: String(state[1]))
        let whole = try checkpoint(mark)
        guard try found.weights() == whole.weights, try found.optimizer() == whole.optimizer else {
            throw Mixture(mark: mark)
        }
        return mark
    }

    struct Mixture: Error { var mark: Mark }
}
