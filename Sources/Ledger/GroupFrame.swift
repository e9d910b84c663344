private import Crypto
internal import Foundation
internal import GRPO
internal import Ports
internal import Wire

/// A group as the ledger keeps it: the GROUP frame of 1/ROLLOUT, and what can be said of it without
/// decoding.
struct GroupFrame {
    let bytes: [UInt8]
    /// SHA-256 of `bytes`.
    let digest: [UInt8]
    /// Where in `bytes` the tokens of all completions start, 4 bytes each; their log-probabilities follow.
    let tokensOffset: Int

    /// `number`: the entry's; it stands in the frame as the sequence. Throws where the group breaks a rule
    /// of the wire, which one that was received does not.
    init(_ group: Group, from worker: WorkerID, number: Int64) throws(LedgerError) {
        let delivery = GroupDelivery(sequence: UInt64(number), lease: 1, group: group)
        do throws(WireError) {
            bytes = try WorkerMessage(incarnation: worker.incarnation, .group(delivery)).encode()
        } catch {
            throw LedgerError(
                .contradiction,
                "the group of \(group.key) cannot be journaled: \(error.description)")
        }
        digest = Self.sha256(bytes[...])
        let header = bytes[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
        tokensOffset =
            WireLimits.preludeBytes + header + 4 * (group.prompt.count + group.completions.count)
    }

    /// The group of a stored frame.
    static func decode(_ bytes: [UInt8]) throws(WireError) -> Group {
        let message = try WorkerMessage(frame: bytes)
        guard case .group(let delivery) = message.command else {
            throw WireError(.unknownType, "it is a \(message.type), not a GROUP")
        }
        return delivery.group
    }

    /// 32 bytes per completion: SHA-256 of its tokens and then its log-probabilities, as they lie in the
    /// frame.
    func completionDigests(_ group: Group) -> Data {
        let logprobsOffset = tokensOffset + 4 * group.completionTokenCount
        var digests = Data(capacity: 32 * group.completions.count)
        var first = 0
        bytes.withUnsafeBytes { bytes in
            for completion in group.completions {
                let count = 4 * completion.tokens.count
                var hash = SHA256()
                for start in [tokensOffset + first, logprobsOffset + first] {
                    hash.update(bufferPointer: .init(rebasing: bytes[start..<start + count]))
                }
                digests.append(contentsOf: hash.finalize())
                first += count
            }
        }
        return digests
    }

    static func sha256(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { Array(SHA256.hash(data: $0)) }
    }
}
