import GRPO
import Ports
import Synchronization

/// A worker's end of the rollouts that writes into the worker's log what `WorkLog` describes.
final class LoggedRollouts: GroupSink {
    private let rollouts: any GroupSink
    private let log: ProcessLog
    /// Whether every ticket that is taken is written down.
    private let traces: Bool
    private let hasDelivered = Atomic(false)

    init(_ rollouts: any GroupSink, log: ProcessLog, traces: Bool) {
        self.rollouts = rollouts
        self.log = log
        self.traces = traces
    }

    func configuration() async throws -> WorkerConfiguration { try await rollouts.configuration() }

    func leases(upTo limit: Int) async throws -> [Lease] {
        let leases = try await rollouts.leases(upTo: limit)
        if traces, !leases.isEmpty {
            let keys = leases.map { "\($0.ticket.ordinal).\($0.ticket.key.attempt)" }.joined(separator: " ")
            log.log(level: "debug", WorkLog.sampling, fields: [(WorkLog.tickets, keys)])
        }
        return leases
    }

    func push(_ answers: [Answer]) async throws {
        try await rollouts.push(answers)
        guard !answers.isEmpty, !hasDelivered.exchange(true, ordering: .relaxed) else { return }
        log.log(level: "info", WorkLog.firstGroups)
    }
}
