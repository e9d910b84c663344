import GRPO
import Ports
import Synchronization

/// A clock that stands still: whoever sleeps is woken only by cancellation, so nothing here waits on
/// time.
struct StillClock: Clock {
    struct Instant: InstantProtocol {
        var offset = Duration.zero
        func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        func duration(to other: Self) -> Duration { other.offset - offset }
        static func < (first: Self, second: Self) -> Bool { first.offset < second.offset }
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        _ = await Mailbox<Never>(capacity: 1).next()
        try Task.checkCancellation()
    }
}

/// The share of a completion's four places that hold the prompt's favourite token.
struct FavouriteReward: RewardFunction {
    let name = "favourite"
    /// What to do instead for some completions.
    var instead: @Sendable (_ prompt: [Int32], _ completions: [Completion]) throws -> [Double?]? = {
        _, _ in nil
    }

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] {
        guard columns == "{\"row\":\(prompt[1])}" else { throw WrongColumns(columns: columns) }
        if let rewards = try instead(prompt, completions) { return rewards }
        let favourite = Int32(BanditWeights.kind(of: prompt) + 1)
        return completions.map { completion in
            Double(completion.tokens.count { $0 == favourite }) / 4
        }
    }
}

struct WrongColumns: Error { var columns: String }

/// Thrown inside a worker to make it die.
struct Killed: Error {}

/// Keeps checkpoints in memory, in the order in which they were written.
actor MemoryStore: CheckpointStore {
    private(set) var saved: [TrainingCheckpoint] = []
    /// Called before each save, with its step.
    private let before: @Sendable (Int) async throws -> Void
    private var isSaving = false

    init(before: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.before = before
    }

    func save(_ checkpoint: TrainingCheckpoint) async throws {
        precondition(!isSaving, "one checkpoint is written at a time")
        isSaving = true
        defer { isSaving = false }
        try await before(checkpoint.step)
        saved.append(checkpoint)
    }

    func checkpoint(ofStep step: Int) -> TrainingCheckpoint? { saved.first { $0.step == step } }
}

/// Something that several tasks add to.
final class Log<Element: Sendable>: Sendable {
    private let entries = Mutex<[Element]>([])

    func append(_ element: Element) { entries.withLock { $0.append(element) } }
    var all: [Element] { entries.withLock { $0 } }
}
