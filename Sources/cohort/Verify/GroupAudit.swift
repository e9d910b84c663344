import Crypto
import GRDB
import GRPO
import Ports
import Wire

/// Compares a group's row with the tokens that are kept of it.
struct GroupAudit {
    let db: Database

    /// Whether there were tokens to compare with; without, the row stands for itself.
    func check(_ row: LedgerRow) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT payload FROM payloads WHERE number = ?")
        guard let found = try Row.fetchOne(statement, arguments: [row.number]) else { return false }
        guard case .blob(let data) = (found[0] as DatabaseValue).storage else {
            throw violation(place(row), "the payload is no blob")
        }
        let payload = Array(data)
        guard try Array(SHA256.hash(data: payload)) == row.bytes("digest") else {
            throw violation(place(row), "the payload does not have the digest of its group")
        }
        try compare(row, try decode(payload, row), payload)
        return true
    }

    private func place(_ row: LedgerRow) -> String { "entry \(row.number) (payloads)" }

    /// Frame and payload carry checksums of their own, which decoding verifies.
    private func decode(_ payload: [UInt8], _ row: LedgerRow) throws -> Group {
        do throws(WireError) {
            let message = try WorkerMessage(frame: payload)
            guard case .group(let delivery) = message.command else {
                throw WireError(.unknownType, "it is no GROUP")
            }
            return delivery.group
        } catch {
            throw violation(place(row), "the payload cannot be read: \(error.description)")
        }
    }

    private func compare(_ row: LedgerRow, _ group: Group, _ payload: [UInt8]) throws {
        let numbers: [(String, Int64)] = [
            ("ordinal", Int64(bitPattern: group.ordinal)), ("pass", Int64(group.key.pass)),
            ("prompt_index", Int64(group.key.promptIndex)), ("attempt", Int64(group.key.attempt)),
            ("version", Int64(bitPattern: group.version.number)),
            ("version_incarnation", Int64(group.version.incarnation)),
            ("prompt_tokens", Int64(group.prompt.count)),
            ("completion_tokens", Int64(group.completionTokenCount)),
            ("payload_bytes", Int64(payload.count)),
        ]
        for (column, value) in numbers where try row.integer(column) != value {
            throw violation(row.place, "its \(column) is not the payload's, \(value)")
        }
        guard try row.json("completions", as: [CompletionFacts].self) == CompletionFacts.of(group)
        else {
            throw violation(row.place, "its completions are not the payload's")
        }
        guard try row.bytes("completion_digests") == digests(row, group, payload) else {
            throw violation(row.place, "a digest of its completions is not the payload's")
        }
    }

    /// Of the slices that the view `completions` cuts out.
    private func digests(_ row: LedgerRow, _ group: Group, _ payload: [UInt8]) throws -> [UInt8] {
        let start = try row.natural("tokens_offset")
        let total = 4 * group.completionTokenCount
        guard start <= payload.count, 2 * total <= payload.count - start else {
            throw row.impossible("tokens_offset")
        }
        var digests: [UInt8] = []
        var first = start
        for completion in group.completions {
            let count = 4 * completion.tokens.count
            var hash = SHA256()
            hash.update(data: payload[first..<first + count])
            hash.update(data: payload[first + total..<first + total + count])
            digests += Array(hash.finalize())
            first += count
        }
        return digests
    }
}

/// What a row says of one completion.
private struct CompletionFacts: Decodable, Equatable {
    var first: Int
    var tokens: Int
    var reward: Reward
    var rewards: [Reward]
    var finishReason: String

    enum CodingKeys: String, CodingKey {
        case first, tokens, reward, rewards
        case finishReason = "finish_reason"
    }

    static func of(_ group: Group) -> [CompletionFacts] {
        var first = 0
        return group.completions.map { completion in
            defer { first += completion.tokens.count }
            return CompletionFacts(
                first: first, tokens: completion.tokens.count, reward: Reward(completion.reward),
                rewards: completion.rewards.map(Reward.init),
                finishReason: completion.finishReason == .stop ? "stop" : "length")
        }
    }

    /// A number, or the name of one that JSON lacks; `nil`: none.
    struct Reward: Decodable, Equatable {
        private var text: String?

        init(_ value: Double?) {
            text = value.map {
                $0.isNaN
                    ? "NaN"
                    : $0 == .infinity ? "Infinity" : $0 == -.infinity ? "-Infinity" : "\($0)"
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() { return }
            if let number = try? container.decode(Double.self) {
                text = "\(number)"
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
