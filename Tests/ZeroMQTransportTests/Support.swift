import Foundation
import GRPO
import Ports
import Synchronization
import Testing
import ZeroMQTransport

/// A directory for ipc sockets, removed at the end. Short: socket paths have at most 107 bytes.
func withDirectory<Result>(
    _ body: nonisolated(nonsending) (String) async throws -> Result
) async throws -> Result {
    let path = "/tmp/ct-" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

let numerics = "test numerics"

func workerConfiguration(groupSize: Int = 2, maxLength: Int = 64) -> WorkerConfiguration {
    WorkerConfiguration(
        runID: String(repeating: "0f", count: 16), seed: 7, model: "{}", groupSize: groupSize,
        sampling: SamplingParameters(maxCompletionLength: maxLength, stopTokens: [0]),
        rewardPlacement: .worker, rewards: RewardPlan(names: ["length"]), modelDirectory: nil)
}

func learnerConfiguration(
    _ address: LearnerAddress, incarnation: UInt32 = 1, liveness: Duration = .seconds(5)
) -> LearnerLinkConfiguration {
    LearnerLinkConfiguration(
        address: address, incarnation: incarnation, worker: workerConfiguration(),
        numerics: numerics, heartbeatInterval: .milliseconds(50), livenessDeadline: liveness,
        drainLimit: .seconds(3))
}

func workerLinkConfiguration(
    _ address: LearnerAddress, name: String = "w0", incarnation: UInt64 = 1, slots: Int = 4,
    reconnectDeadline: Duration = .seconds(20)
) -> WorkerLinkConfiguration {
    WorkerLinkConfiguration(
        address: address, worker: WorkerID(name: name, incarnation: incarnation),
        numerics: numerics, slots: slots, reconnectDeadline: reconnectDeadline,
        helloPause: .milliseconds(50), fetchDeadline: .seconds(20))
}

func version(_ number: UInt64, _ incarnation: UInt32 = 1) -> PolicyVersion {
    PolicyVersion(incarnation: incarnation, number: number)
}

/// An image whose bytes depend on the version.
func snapshot(_ version: PolicyVersion, bytes: Int = 1_000) -> Snapshot {
    var state = version.number &* 0x9E37_79B9_7F4A_7C15 | 1
    let image = (0..<bytes).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
    return Snapshot(version: version, image: image)
}

func ticket(_ ordinal: UInt64, _ version: PolicyVersion) -> Ticket {
    Ticket(
        key: TicketKey(pass: 0, promptIndex: UInt32(ordinal), attempt: 0), ordinal: ordinal,
        version: version, prompt: [1, 2, Int32(ordinal)], columns: #"{"answer":"\#(ordinal)"}"#)
}

/// What a worker answers: a function of the ticket, so that it can be checked.
func answer(_ ticket: Ticket, groupSize: Int = 2) -> Group {
    let completions = (0..<groupSize).map { index in
        Completion(
            tokens: [Int32(ticket.ordinal), Int32(index), 0],
            behaviorLogprobs: [-0.5, -1, -Float(index)], keptLogMasses: [0, 0, 0],
            finishReason: .stop, reward: Double(index))
    }
    return Group(
        key: ticket.key, ordinal: ticket.ordinal, version: ticket.version, prompt: ticket.prompt,
        completions: completions)
}

/// Sentences, in the order in which they were said.
final class Said: Sendable {
    private let sentences = Mutex<[String]>([])

    func add(_ sentence: String) { sentences.withLock { $0.append(sentence) } }

    var all: [String] { sentences.withLock { $0 } }
}

struct Overdue: Error {}

/// Fails instead of hanging: `body` is cancelled when `limit` passes.
func within<Result: Sendable>(
    _ limit: Duration = .seconds(60), _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw Overdue()
        }
        defer { group.cancelAll() }
        return try await group.next()!
    }
}

/// The next event that `pick` accepts; others are dropped.
func next<Result: Sendable>(
    _ link: LearnerLink, _ pick: (RolloutEvent) -> Result?
) async throws -> Result {
    while let event = try await link.next() {
        if let result = pick(event) { return result }
    }
    throw LearnerLost(cause: "the events ended")
}

func nextReady(_ link: LearnerLink) async throws -> (worker: WorkerID, slots: Int) {
    try await next(link) {
        if case .ready(let worker, let slots) = $0 { (worker, slots) } else { nil }
    }
}

func nextLost(_ link: LearnerLink) async throws -> (worker: WorkerID, cause: String) {
    try await next(link) {
        if case .lost(let worker, let cause) = $0 { (worker, cause) } else { nil }
    }
}

func nextGroup(_ link: LearnerLink) async throws -> (
    group: Group, lease: Lease.ID, worker: WorkerID
) {
    try await next(link) {
        if case .group(let group, let lease, let worker) = $0 {
            (group, lease, worker)
        } else {
            nil
        }
    }
}

/// A worker that answers every lease until the learner drains.
func work(_ link: WorkerLink, snapshots: @Sendable (Snapshot) -> Void = { _ in }) async throws
    -> Int
{
    _ = try await link.configuration()
    var (count, adopted) = (0, PolicyVersion?.none)
    while true {
        let leases = try await link.leases(upTo: 2)
        if leases.isEmpty { return count }
        for lease in leases {
            if adopted != lease.ticket.version {
                do {
                    snapshots(try await link.snapshot(lease.ticket.version))
                } catch is SnapshotGone {
                    continue
                }
                adopted = lease.ticket.version
            }
            try await link.push(answer(lease.ticket), lease: lease.id)
            count += 1
        }
    }
}
