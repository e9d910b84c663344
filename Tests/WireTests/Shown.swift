import GRPO
import Wire

// Messages as the `decoded` objects of the vectors. The names are the schema's.

/// A message of any direction.
enum AnyMessage: Hashable, Sendable {
    case worker(WorkerMessage)
    case learner(LearnerMessage)
    case fetcher(FetcherMessage)
    case holder(HolderMessage)

    init(_ frame: [UInt8], from sender: String) throws(WireError) {
        switch sender {
        case "worker": self = .worker(try WorkerMessage(frame: frame))
        case "learner": self = .learner(try LearnerMessage(frame: frame))
        case "fetcher": self = .fetcher(try FetcherMessage(frame: frame))
        case "holder": self = .holder(try HolderMessage(frame: frame))
        default: preconditionFailure("no such sender: \(sender)")
        }
    }

    static let senders = ["worker", "learner", "fetcher", "holder"]

    func encode() throws(WireError) -> [UInt8] {
        switch self {
        case .worker(let message): try message.encode()
        case .learner(let message): try message.encode()
        case .fetcher(let message): try message.encode()
        case .holder(let message): try message.encode()
        }
    }

    var type: MessageType {
        switch self {
        case .worker(let message): message.type
        case .learner(let message): message.type
        case .fetcher(let message): message.type
        case .holder(let message): message.type
        }
    }

    var shown: JSONValue {
        switch self {
        case .worker(let message):
            object(message.command.shown, message.version, message.incarnation)
        case .learner(let message):
            object(message.command.shown, message.version, UInt64(message.incarnation))
        case .fetcher(let message): object(message.command.shown, message.version)
        case .holder(let message): object(message.command.shown, message.version)
        }
    }

    private func object(
        _ command: (String, [String: JSONValue?]), _ version: ProtocolVersion,
        _ incarnation: UInt64? = nil
    ) -> JSONValue {
        var members = command.1.compactMapValues { $0 }
        members["command"] = .string(command.0)
        members["minor"] = JSONValue(version.minor)
        members["incarnation"] = incarnation.map(JSONValue.init(_:))
        return .object(members)
    }
}

extension WorkerCommand {
    var shown: (String, [String: JSONValue?]) {
        switch self {
        case .hello(let c):
            (
                "HELLO",
                [
                    "worker": .string(c.worker), "run_id": c.runID.map { .string("\($0)") },
                    "sequence": .init(c.sequence), "acknowledged": .init(c.acknowledged),
                    "configuration_fingerprint": c.configurationFingerprint.map {
                        .string("\($0)")
                    },
                    "numerics": .string(c.numerics), "held_leases": shownLeases(c.heldLeases),
                    "free_slots": .init(c.freeSlots), "held": c.held?.shown,
                    "limits": c.limits?.shown,
                ]
            )
        case .group(let c):
            (
                "GROUP",
                [
                    "sequence": .init(c.sequence), "lease": .init(c.lease),
                    "key": c.group.key.shown,
                    "ordinal": .init(c.group.ordinal), "version": c.group.version.shown,
                    "prompt": shownTokens(c.group.prompt),
                    "completions": .array(c.group.completions.map(\.shown)),
                    "scoring_failure": c.group.scoringFailure.map { .string($0) },
                ]
            )
        case .heartbeat(let c):
            (
                "HEARTBEAT",
                [
                    "sequence": .init(c.sequence), "acknowledged": .init(c.acknowledged),
                    "held_leases": shownLeases(c.heldLeases), "free_slots": .init(c.freeSlots),
                    "held": c.held?.shown,
                ]
            )
        case .drained(let c):
            ("DRAINED", ["sequence": .init(c.sequence), "reason": .string(c.reason)])
        case .goodbye(let c): c.shown
        }
    }
}

extension LearnerCommand {
    var shown: (String, [String: JSONValue?]) {
        switch self {
        case .welcome(let c):
            (
                "WELCOME",
                [
                    "run_id": .string("\(c.runID)"),
                    "configuration": c.configuration.map { .string($0) },
                    "configuration_fingerprint": .string("\(c.configurationFingerprint)"),
                    "numerics": .string(c.numerics),
                    "heartbeat_ms": shownMilliseconds(c.heartbeatInterval),
                    "liveness_ms": shownMilliseconds(c.livenessDeadline),
                    "largest_group_bytes": .init(c.largestGroupBytes),
                    "group_size": .init(c.groupSize),
                    "reward_placement": .string("\(c.rewardPlacement)".uppercased()),
                    "current": c.current.shown, "acknowledged": .init(c.acknowledged),
                    "limits": c.limits?.shown,
                ]
            )
        case .lease(let c):
            ("LEASE", ["sequence": .init(c.sequence), "tickets": .array(c.tickets.map(\.shown))])
        case .ack(let c):
            (
                "ACK",
                [
                    "acknowledged": .init(c.acknowledged),
                    "verdicts": .array(c.verdicts.map(\.shown)),
                ]
            )
        case .reject(let c):
            (
                "REJECT",
                [
                    "code": .string(constant("\(c.code)")), "reason": .string(c.reason),
                    "type": .init(c.refusedType), "sequence": .init(c.sequence),
                ]
            )
        case .heartbeat(let c):
            (
                "HEARTBEAT",
                [
                    "sequence": .init(c.sequence), "acknowledged": .init(c.acknowledged),
                    "held_leases": shownLeases(c.heldLeases), "current": c.current.shown,
                ]
            )
        case .drain(let c):
            (
                "DRAIN",
                [
                    "sequence": .init(c.sequence), "mode": .string(constant("\(c.mode)")),
                    "reason": .string(c.reason),
                ]
            )
        case .goodbye(let c): c.shown
        }
    }
}

extension FetcherCommand {
    var shown: (String, [String: JSONValue?]) {
        switch self {
        case .manifestRequest(let c): ("MANIFEST-REQUEST", ["version": c.version?.shown])
        case .chunkRequest(let c):
            (
                "CHUNK-REQUEST",
                [
                    "version": c.version.shown, "first": .init(c.chunks.lowerBound),
                    "count": .init(c.chunks.count),
                ]
            )
        }
    }
}

extension HolderCommand {
    var shown: (String, [String: JSONValue?]) {
        switch self {
        case .announce(let c):
            ("ANNOUNCE", ["snapshot": c.snapshot.shown, "bytes": .init(c.byteCount)])
        case .manifest(let c):
            (
                "MANIFEST",
                [
                    "snapshot": c.snapshot.shown, "bytes": .init(c.byteCount),
                    "chunk_bytes": .init(c.chunkBytes),
                    "chunk_digests": .array(c.chunkDigests.map { .string("\($0)") }),
                ]
            )
        case .chunk(let c):
            (
                "CHUNK",
                [
                    "version": c.version.shown, "index": .init(c.index),
                    "bytes": .string(hexadecimal(c.bytes)),
                ]
            )
        case .reject(let c):
            (
                "REJECT",
                [
                    "code": .string(constant("\(c.code)")), "reason": .string(c.reason),
                    "version": c.version?.shown,
                ]
            )
        }
    }
}

extension Goodbye {
    fileprivate var shown: (String, [String: JSONValue?]) {
        ("GOODBYE", ["farewell": .string(constant("\(farewell)")), "reason": .string(reason)])
    }
}

extension Completion {
    fileprivate var shown: JSONValue {
        let members: [String: JSONValue?] = [
            "tokens": shownTokens(tokens),
            "behavior_logprobs": .array(behaviorLogprobs.map { JSONValue(Double($0)) }),
            "kept_log_masses": .array(keptLogMasses.map { JSONValue(Double($0)) }),
            "finish_reason": .init(finishReason.rawValue), "reward": reward.map { JSONValue($0) },
            "rewards": rewards.isEmpty
                ? nil : .array(rewards.map { $0.map { JSONValue($0) } ?? .null }),
        ]
        return .object(members.compactMapValues { $0 })
    }
}

extension LeasedTicket {
    fileprivate var shown: JSONValue {
        .object([
            "lease": .init(lease), "key": ticket.key.shown, "ordinal": .init(ticket.ordinal),
            "version": ticket.version.shown, "deadline_ms": shownMilliseconds(deadline),
            "prompt": shownTokens(ticket.prompt), "columns": .string(ticket.columns),
        ])
    }
}

extension Verdict {
    fileprivate var shown: JSONValue {
        var members: [String: JSONValue] = ["sequence": .init(sequence), "lease": .init(lease)]
        switch outcome {
        case .accepted(let durable):
            members["outcome"] = "ACCEPTED"
            members["durable"] = .bool(durable)
        case .duplicate: members["outcome"] = "DUPLICATE"
        case .dropped(let cause):
            members["outcome"] = "DROPPED"
            members["cause"] = .string(constant("\(cause)"))
        }
        return .object(members)
    }
}

extension PolicyVersion {
    fileprivate var shown: JSONValue {
        .object(["incarnation": .init(incarnation), "number": .init(number)])
    }
}

extension TicketKey {
    fileprivate var shown: JSONValue {
        .object([
            "pass": .init(pass), "prompt_index": .init(promptIndex), "attempt": .init(attempt),
        ])
    }
}

extension SnapshotReference {
    fileprivate var shown: JSONValue {
        .object(["version": version.shown, "digest": .string("\(digest)")])
    }
}

private func shownTokens(_ tokens: [Int32]) -> JSONValue { .array(tokens.map { .init($0) }) }

private func shownLeases(_ leases: Set<UInt64>) -> JSONValue {
    .array(leases.sorted().map { .init($0) })
}

private func shownMilliseconds(_ duration: Duration) -> JSONValue {
    let (seconds, attoseconds) = duration.components
    return .init(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
}

/// `helloRequired` as the schema writes it: `HELLO_REQUIRED`.
private func constant(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension SessionLimits {
    var shown: JSONValue {
        .object([
            "frame_bytes": .init(frameBytes), "header_bytes": .init(headerBytes),
            "string_bytes": .init(stringBytes), "prompt_tokens": .init(promptTokens),
            "completion_tokens": .init(completionTokens), "completions": .init(completions),
            "held_leases": .init(heldLeases), "chunk_bytes": .init(chunkBytes),
        ])
    }
}
