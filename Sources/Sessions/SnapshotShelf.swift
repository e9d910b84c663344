package import GRPO
package import Wire

/// The holder's side of 2/SNAPSHOT: which snapshots there are, and who is still to be sent what. It
/// knows how many chunks a snapshot has, not their bytes.
package struct SnapshotShelf: Sendable {
    /// What to send next.
    package enum Item: Hashable, Sendable {
        case manifest(PolicyVersion)
        case chunk(PolicyVersion, Int)
        case reject(SnapshotRejection)
    }

    /// Items that wait for one peer; beyond that, its requests are forgotten and come again.
    package static let queueMax = WireLimits.chunksPerRequest
    /// Peers that may have something waiting.
    package static let peersMax = 4_096

    private var chunkCounts: [PolicyVersion: Int] = [:]
    private var latest: PolicyVersion?
    private var queues: [PeerAddress: [Item]] = [:]
    /// Peers with something waiting, whose turn is next first.
    private var turns: [PeerAddress] = []
    /// Requests that did not decode.
    package private(set) var malformed = 0

    package init() {}

    package var isIdle: Bool { turns.isEmpty }
    package var versions: Set<PolicyVersion> { Set(chunkCounts.keys) }

    /// A snapshot is complete; versions with a number below `oldestKept` are no longer kept.
    package mutating func add(_ version: PolicyVersion, chunks: Int, oldestKept: UInt64) {
        chunkCounts[version] = chunks
        latest = version
        chunkCounts = chunkCounts.filter { $0.key.number >= oldestKept }
    }

    package mutating func receive(_ message: FetcherMessage, from peer: PeerAddress) {
        switch message.command {
        case .manifestRequest(let request):
            guard let version = request.version ?? latest, chunkCounts[version] != nil else {
                return enqueue([.reject(absence(of: request.version))], for: peer)
            }
            enqueue([.manifest(version)], for: peer)
        case .chunkRequest(let request):
            guard let count = chunkCounts[request.version] else {
                return enqueue([.reject(absence(of: request.version))], for: peer)
            }
            guard request.chunks.upperBound <= count else {
                let reason = "snapshot \(request.version) has \(count) chunks"
                let rejection = SnapshotRejection(
                    .badRange, reason: reason, version: request.version)
                return enqueue([.reject(rejection)], for: peer)
            }
            enqueue(request.chunks.map { .chunk(request.version, $0) }, for: peer)
        }
    }

    /// A request that did not decode.
    package mutating func receive(_ error: WireError, from peer: PeerAddress) {
        malformed += 1
        let reason = error.description.shortened()
        enqueue([.reject(SnapshotRejection(SnapshotRejectCode(error), reason: reason))], for: peer)
    }

    /// The next item to send, each peer in turn. Items of versions that went meanwhile are refused.
    package mutating func next() -> (PeerAddress, Item)? {
        guard !turns.isEmpty else { return nil }
        let peer = turns.removeFirst()
        var item = queues[peer]!.removeFirst()
        if queues[peer]!.isEmpty { queues[peer] = nil } else { turns.append(peer) }
        switch item {
        case .manifest(let version), .chunk(let version, _):
            if chunkCounts[version] == nil { item = .reject(absence(of: version)) }
        case .reject: break
        }
        return (peer, item)
    }

    /// The peer takes nothing now: what waits for it is forgotten, it will ask again.
    package mutating func forget(_ peer: PeerAddress) {
        queues[peer] = nil
        turns.removeAll { $0 == peer }
    }

    private mutating func enqueue(_ items: [Item], for peer: PeerAddress) {
        guard let waiting = queues[peer] else {
            guard turns.count < Self.peersMax else { return }
            turns.append(peer)
            queues[peer] = Array(items.prefix(Self.queueMax))
            return
        }
        // A repeated request does not send anything twice that is still waiting.
        let new = items.filter { !waiting.contains($0) }
        queues[peer] = Array((waiting + new).prefix(Self.queueMax))
    }

    private func absence(of version: PolicyVersion?) -> SnapshotRejection {
        guard let version else {
            return SnapshotRejection(.unknownVersion, reason: "there is no snapshot yet")
        }
        let isPast = latest.map {
            version.incarnation < $0.incarnation || version.number <= $0.number
        }
        return isPast == true
            ? SnapshotRejection(
                .noLongerKept, reason: "\(version) is not kept any more", version: version)
            : SnapshotRejection(
                .unknownVersion, reason: "\(version) is not here yet", version: version)
    }
}
