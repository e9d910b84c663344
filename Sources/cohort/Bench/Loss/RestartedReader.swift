import CZeroMQ
import Foundation
import GRPO
import Ports
import Synchronization
import SystemPackage
import ZeroMQTransport

/// One sender, and a reader in a process of its own that is killed once (`kill -9`) and started again.
struct RestartedReader: Sendable {
    let pattern: LossReader.Pattern
    /// Where the reader's sockets, record and log are.
    let directory: String
    let messages: Int
    /// What the reader takes for a message.
    let pause: Duration

    /// Leases that our worker holds at most.
    private static let slots = 64
    /// How long nothing new must be processed before what is missing counts as lost.
    private static let quiet = Duration.milliseconds(500)
    private static let poll = Duration.milliseconds(2)

    private var record: ReaderRecord { ReaderRecord(path: directory + "/\(pattern.rawValue).record") }
    private var endpoint: String { "ipc://\(directory)/\(pattern.rawValue)" }

    func run() async throws -> LossCount {
        let (isSent, isOver) = (ThreadFlag(), ThreadFlag())
        async let sent = sender(isSent, until: isOver)
        do {
            try await read(until: isSent)
            isOver.raise()
        } catch {
            isOver.raise()
            throw error
        }
        let (count, errors) = try await sent
        let numbers = record.numbers()
        let processed = Set(numbers).count
        return LossCount(
            pattern: pattern == .pull ? "PUSH/PULL" : "our link",
            treatment: "reader killed once", sent: count, sendErrors: errors, processed: processed,
            processedAgain: numbers.count - processed)
    }

    // MARK: The reader's two lives

    private func read(until isSent: ThreadFlag) async throws {
        let lifeLine = try LifeLine()
        defer { lifeLine.close() }
        let exit = try await life(1, lifeLine) { record.count >= messages / 3 }
        guard exit == .signal(SIGKILL) else { throw ended(exit) }
        let silence = Silence()
        let end = try await life(2, lifeLine) {
            isSent.isRaised && silence.length(at: record.count) > Self.quiet
        }
        // Our link's reader knows when it is done.
        guard end == .signal(SIGKILL) || end == .code(0) && record.count >= messages else {
            throw ended(end)
        }
    }

    /// Starts the reader, and kills it once `isOver`, which is looked at now and then.
    private func life(
        _ start: Int, _ lifeLine: LifeLine, until isOver: @escaping @Sendable () -> Bool
    ) async throws -> ChildExit {
        let child = ChildProcess(name: "loss-reader", arguments: arguments(start: start))
        let killer = Task {
            while !isOver() { try await Task.sleep(for: Self.poll) }
            child.send(SIGKILL)
        }
        defer { killer.cancel() }
        return try await child.run(lifeLine: lifeLine, log: FilePath(log), showsOutput: false) { _ in }
    }

    private func arguments(start: Int) -> [String] {
        [
            "bench", "loss-reader", "--pattern", pattern.rawValue, "--endpoint", endpoint,
            "--record", record.path, "--messages", "\(messages)",
            "--pause-microseconds", "\(Int(pause / .microseconds(1)))", "--start", "\(start)",
        ]
    }

    private var log: String { directory + "/\(pattern.rawValue).log" }

    private func ended(_ exit: ChildExit) -> CommandFailure {
        CommandFailure(
            "the reader ended with \(exit): " + (LastFailure(log: log).sentence ?? "it said nothing"),
            .internalError)
    }

    // MARK: The sender

    /// Answers with the number of different messages and of errors. Its socket lives until `isOver`.
    private func sender(
        _ isSent: ThreadFlag, until isOver: ThreadFlag
    ) async throws -> (sent: Int, errors: Int) {
        switch pattern {
        case .pull: try await onThread("loss-sender") { try push(isSent, until: isOver) }
        case .link: try await work(isSent)
        }
    }

    private func push(
        _ isSent: ThreadFlag, until isOver: ThreadFlag
    ) throws(CommandFailure) -> (sent: Int, errors: Int) {
        let socket = try RawPeer(ZMQ_PUSH, options: [])
        try socket.connect(endpoint)
        var sent: UInt64 = 0
        // Where there is no room, PUSH says so, and the message is tried again.
        while sent < messages, !isOver.isRaised {
            if try socket.send(NumberedMessage.frame(sent)) { sent += 1 }
        }
        isSent.raise()
        while !isOver.isRaised { usleep(1_000) }
        return (Int(sent), 0)
    }

    /// A worker with groups that are there already.
    private func work(_ isSent: ThreadFlag) async throws -> (sent: Int, errors: Int) {
        let settings = WorkerLinkConfiguration(
            address: try LearnerAddress(endpoint), worker: WorkerID(name: "bench", incarnation: 1),
            numerics: LossLoad.numerics, slots: Self.slots)
        return try await WorkerLink.withLink(settings) { link in
            _ = try await link.configuration()
            var (version, sent) = (PolicyVersion?.none, Set<UInt64>())
            while true {
                let leases = try await link.leases(upTo: Self.slots)
                guard let first = leases.first else { break }
                if first.ticket.version != version {
                    guard (try? await link.snapshot(first.ticket.version)) != nil else { continue }
                    version = first.ticket.version
                }
                let answers = leases.map { Answer(lease: $0.id, group: LossLoad.group(for: $0.ticket)) }
                try await link.push(answers)
                sent.formUnion(leases.map(\.ticket.ordinal))
            }
            isSent.raise()
            return (sent.count, 0)
        }
    }
}

/// How long a number has not changed.
private final class Silence: Sendable {
    private let last = Mutex((number: -1, since: ContinuousClock.now))

    func length(at number: Int) -> Duration {
        last.withLock { last in
            if last.number != number { last = (number, .now) }
            return ContinuousClock.now - last.since
        }
    }
}
