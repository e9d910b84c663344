import GRPO
import Sessions
import Testing
import Wire

@Suite("The transfer of a snapshot")
struct SnapshotFetchTests {
    let version = PolicyVersion(incarnation: 1, number: 4)

    func image(chunks: Int) -> [[UInt8]] {
        (0..<chunks).map { [UInt8](repeating: UInt8($0 % 251), count: 10) }
    }

    func manifest(_ chunks: [[UInt8]]) -> Manifest {
        let digests = chunks.map { fakeDigest($0) }
        return Manifest(
            snapshot: SnapshotReference(
                version: version, digest: fakeDigest(digests.flatMap(\.bytes))),
            byteCount: chunks.reduce(0) { $0 + $1.count }, chunkBytes: 10, chunkDigests: digests)
    }

    func chunk(_ index: Int, _ bytes: [UInt8]) -> HolderMessage {
        HolderMessage(.chunk(Chunk(version: version, index: index, bytes: bytes[...])))
    }

    func fetch(_ expected: ContentDigest? = nil) -> SnapshotFetch {
        SnapshotFetch(
            version, expected: expected,
            timing: .init(request: .seconds(2), progress: .seconds(30)), now: .zero)
    }

    /// A fetch whose manifest is verified.
    func started(_ chunks: [[UInt8]]) -> (SnapshotFetch, [SnapshotFetch.Action]) {
        var fetch = fetch()
        #expect(
            fetch.tick(now: .zero) == [.send(.manifestRequest(ManifestRequest(version: version)))])
        let manifest = manifest(chunks)
        #expect(
            fetch.receive(HolderMessage(.manifest(manifest)), now: .zero) == [
                .verifyManifest(manifest)
            ])
        let actions = fetch.manifestVerified(true, now: .zero)
        return (fetch, actions)
    }

    func requested(_ actions: [SnapshotFetch.Action]) -> [Int] {
        actions.flatMap { action -> [Int] in
            guard case .send(.chunkRequest(let request)) = action else { return [] }
            return Array(request.chunks)
        }
    }

    func outcome(_ actions: [SnapshotFetch.Action]) -> SnapshotFetch.Outcome? {
        actions.lazy.compactMap { if case .ended(let outcome) = $0 { outcome } else { nil } }.first
    }

    @Test("Chunks are asked for in a window, verified and put together in order")
    func transfer() {
        let chunks = image(chunks: 20)
        var (fetch, actions) = started(chunks)
        var asked = requested(actions)
        #expect(asked == Array(0..<SnapshotFetch.window))
        var open = asked
        while !open.isEmpty {
            // The last one first: order does not matter.
            let index = open.removeLast()
            actions = fetch.receive(chunk(index, chunks[index]), now: .zero)
            #expect(
                actions.first
                    == .verifyChunk(
                        index, bytes: chunks[index][...], digest: fakeDigest(chunks[index])))
            #expect(requested(actions).isEmpty)
            actions = fetch.chunkVerified(index, true, now: .zero)
            asked += requested(actions)
            open += requested(actions)
            #expect(open.count <= SnapshotFetch.window)
        }
        #expect(asked.sorted() == Array(0..<20))
        #expect(
            outcome(actions) == .complete(manifest(chunks).snapshot, chunks: chunks.map { $0[...] })
        )
        #expect(fetch.tick(now: .seconds(99)).isEmpty)
    }

    @Test("What does not come is asked for again; what is verified is not")
    func resume() {
        let chunks = image(chunks: 5)
        var (fetch, _) = started(chunks)
        _ = fetch.receive(chunk(2, chunks[2]), now: .seconds(1))
        _ = fetch.chunkVerified(2, true, now: .seconds(1))
        #expect(fetch.tick(now: .milliseconds(2_900)).isEmpty)
        #expect(requested(fetch.tick(now: .seconds(3))) == [0, 1, 3, 4])
    }

    @Test("A lost manifest is asked for again")
    func lostManifest() {
        var fetch = fetch()
        #expect(fetch.tick(now: .zero).count == 1 && fetch.tick(now: .seconds(1)).isEmpty)
        #expect(fetch.tick(now: .seconds(2)).count == 1)
        #expect(outcome(fetch.tick(now: .seconds(30))) == .failed("nothing came for 30.0 s"))
    }

    @Test("A damaged chunk is asked for again three times, then the transfer fails")
    func damage() {
        let chunks = image(chunks: 2)
        var (fetch, _) = started(chunks)
        for attempt in 1...4 {
            _ = fetch.receive(chunk(1, [UInt8](repeating: 9, count: 10)), now: .zero)
            let actions = fetch.chunkVerified(1, false, now: .zero)
            if attempt <= SnapshotFetch.repeatsMax {
                #expect(requested(actions) == [1])
            } else {
                #expect(outcome(actions) == .failed("chunk 1 came damaged 4 times"))
            }
        }
        #expect(fetch.refused == 4)
    }

    @Test("A damaged chunk that comes right the second time completes the transfer")
    func repairedDamage() {
        let chunks = image(chunks: 1)
        var (fetch, _) = started(chunks)
        _ = fetch.receive(chunk(0, [UInt8](repeating: 9, count: 10)), now: .zero)
        _ = fetch.chunkVerified(0, false, now: .zero)
        _ = fetch.receive(chunk(0, chunks[0]), now: .zero)
        #expect(outcome(fetch.chunkVerified(0, true, now: .zero)) != nil)
    }

    @Test("Chunks that were not asked for, or are too short, are dropped and counted")
    func strayChunks() {
        let chunks = image(chunks: 20)
        var (fetch, _) = started(chunks)
        #expect(fetch.receive(chunk(15, chunks[15]), now: .zero).isEmpty)
        #expect(fetch.receive(chunk(32_767, chunks[0]), now: .zero).isEmpty)
        #expect(fetch.receive(chunk(0, [1, 2, 3]), now: .zero).isEmpty)
        _ = fetch.receive(chunk(0, chunks[0]), now: .zero)
        #expect(fetch.receive(chunk(0, chunks[0]), now: .zero).isEmpty)
        let other = Chunk(
            version: .init(incarnation: 1, number: 5), index: 1, bytes: chunks[1][...])
        #expect(fetch.receive(HolderMessage(.chunk(other)), now: .zero).isEmpty)
        #expect(fetch.refused == 5)
    }

    @Test(
        "A manifest with another digest than the learner said, or than its chunks have, is refused")
    func wrongManifest() {
        let manifest = manifest(image(chunks: 2))
        var other = fetch(reference(0).digest)
        guard case .failed? = outcome(other.receive(HolderMessage(.manifest(manifest)), now: .zero))
        else {
            Issue.record("another digest was accepted")
            return
        }
        var broken = fetch(manifest.snapshot.digest)
        _ = broken.receive(HolderMessage(.manifest(manifest)), now: .zero)
        guard case .failed? = outcome(broken.manifestVerified(false, now: .zero)) else {
            Issue.record("a manifest that does not verify was accepted")
            return
        }
        var foreign = manifest
        foreign.snapshot = reference(5)
        var patient = fetch()
        #expect(patient.receive(HolderMessage(.manifest(foreign)), now: .zero).isEmpty)
    }

    @Test("Each REJECT does what the protocol's table says", arguments: SnapshotRejectCode.allCases)
    func rejects(_ code: SnapshotRejectCode) {
        var (fetch, _) = started(image(chunks: 20))
        let rejection = SnapshotRejection(code, reason: "r", version: version)
        let actions = fetch.receive(HolderMessage(.reject(rejection)), now: .zero)
        switch code {
        case .unknownVersion, .busy:
            #expect(actions.isEmpty && requested(fetch.tick(now: .seconds(2))).count == 8)
        case .noLongerKept: #expect(outcome(actions) == .gone)
        case .badRange:
            #expect(actions.isEmpty)
            #expect(
                fetch.tick(now: .seconds(2)) == [
                    .send(.manifestRequest(ManifestRequest(version: version)))
                ])
        case .other, .unsupportedVersion, .malformed:
            #expect(outcome(actions) == .failed("the holder refuses: r"))
        }
        // About another version: not meant for this transfer.
        var (other, _) = started(image(chunks: 2))
        let elsewhere = SnapshotRejection(code, reason: "r", version: reference(99).version)
        #expect(other.receive(HolderMessage(.reject(elsewhere)), now: .zero).isEmpty)
    }

    @Test(
        "Fetcher and holder complete a transfer over a lossy network",
        arguments: 1...50 as ClosedRange<UInt64>)
    func lossyTransfer(_ seed: UInt64) throws {
        var random = SeededRandom(state: seed)
        let chunks = image(chunks: 100)
        let manifest = manifest(chunks)
        var shelf = SnapshotShelf()
        shelf.add(version, chunks: 100, oldestKept: 0)
        var fetch = SnapshotFetch(
            version, expected: manifest.snapshot.digest,
            timing: .init(request: .seconds(2), progress: .seconds(300)), now: .zero)
        var (now, result) = (Duration.zero, SnapshotFetch.Outcome?.none)
        var todo = fetch.tick(now: now)
        while result == nil, now < .seconds(3_600) {
            while !todo.isEmpty {
                switch todo.removeFirst() {
                case .send(let command):
                    if !random.chance(15) {
                        shelf.receive(FetcherMessage(command), from: aliceAddress)
                    }
                case .verifyManifest(let manifest):
                    let digest = fakeDigest(manifest.chunkDigests.flatMap(\.bytes))
                    todo += fetch.manifestVerified(digest == manifest.snapshot.digest, now: now)
                case .verifyChunk(let index, let bytes, let digest):
                    todo += fetch.chunkVerified(index, fakeDigest(bytes) == digest, now: now)
                case .ended(let outcome): result = outcome
                }
            }
            while let (_, item) = shelf.next() {
                guard !random.chance(15) else { continue }
                switch item {
                case .manifest: todo += fetch.receive(HolderMessage(.manifest(manifest)), now: now)
                case .chunk(_, let index):
                    // One in two hundred arrives damaged.
                    let isDamaged = Int.random(in: 0..<200, using: &random) == 0
                    let bytes = isDamaged ? [UInt8](repeating: 255, count: 10) : chunks[index]
                    todo += fetch.receive(chunk(index, bytes), now: now)
                case .reject(let rejection): Issue.record("\(rejection)")
                }
            }
            now += .milliseconds(100)
            todo += fetch.tick(now: now)
        }
        #expect(
            result == .complete(manifest.snapshot, chunks: chunks.map { $0[...] }), "seed \(seed)")
    }
}

@Suite("The holder of snapshots, and frames that wait for room")
struct SnapshotShelfTests {
    let bob = PeerAddress([2])

    func version(_ number: UInt64, _ incarnation: UInt32 = 2) -> PolicyVersion {
        PolicyVersion(incarnation: incarnation, number: number)
    }

    func request(_ version: PolicyVersion, _ chunks: Range<Int>) -> FetcherMessage {
        FetcherMessage(.chunkRequest(ChunkRequest(version: version, chunks: chunks)))
    }

    func manifest(_ version: PolicyVersion?) -> FetcherMessage {
        FetcherMessage(.manifestRequest(ManifestRequest(version: version)))
    }

    func code(_ item: SnapshotShelf.Item?) -> SnapshotRejectCode? {
        if case .reject(let rejection)? = item { rejection.code } else { nil }
    }

    @Test("Peers get what they asked for, in order, each in turn")
    func turns() {
        var shelf = SnapshotShelf()
        shelf.add(version(1), chunks: 4, oldestKept: 0)
        shelf.receive(request(version(1), 0..<2), from: aliceAddress)
        shelf.receive(manifest(nil), from: bob)
        shelf.receive(request(version(1), 3..<4), from: bob)
        var sent: [String] = []
        while let (peer, item) = shelf.next() { sent.append("\(peer.bytes[0]) \(item)") }
        #expect(sent.count == 4 && shelf.isIdle)
        #expect(sent.map(\.first) == ["1", "2", "1", "2"])
        #expect(sent[1].contains("manifest") && sent[3].contains("chunk"))
    }

    @Test("A repeated request does not queue anything twice, and a queue is bounded")
    func bounds() {
        var shelf = SnapshotShelf()
        shelf.add(version(1), chunks: 200, oldestKept: 0)
        for first in [0, 0, 64, 128] {
            shelf.receive(request(version(1), first..<first + 64), from: aliceAddress)
        }
        var count = 0
        while shelf.next() != nil { count += 1 }
        #expect(count == SnapshotShelf.queueMax)
    }

    @Test("Versions are refused as unknown when they are to come, and as gone when they were")
    func absence() {
        var shelf = SnapshotShelf()
        shelf.receive(manifest(nil), from: aliceAddress)
        #expect(code(shelf.next()?.1) == .unknownVersion)
        for number in 1...3 as ClosedRange<UInt64> {
            shelf.add(version(number), chunks: 2, oldestKept: max(1, number) - 1)
        }
        #expect(shelf.versions == [version(2), version(3)])
        for (version, expected) in [
            (version(1), SnapshotRejectCode.noLongerKept), (version(4), .unknownVersion),
            (version(9, 1), .noLongerKept),
        ] {
            shelf.receive(manifest(version), from: aliceAddress)
            #expect(code(shelf.next()?.1) == expected)
            shelf.receive(request(version, 0..<1), from: aliceAddress)
            #expect(code(shelf.next()?.1) == expected)
        }
        shelf.receive(request(version(3), 1..<3), from: aliceAddress)
        #expect(code(shelf.next()?.1) == .badRange)
        shelf.receive(WireError(.badMagic, "x"), from: aliceAddress)
        #expect(code(shelf.next()?.1) == .malformed && shelf.malformed == 1)
    }

    @Test("What waits is refused when its version goes, and forgotten when its peer takes nothing")
    func changes() {
        var shelf = SnapshotShelf()
        shelf.add(version(1), chunks: 4, oldestKept: 0)
        shelf.receive(request(version(1), 0..<4), from: aliceAddress)
        _ = shelf.next()
        shelf.add(version(2), chunks: 4, oldestKept: 2)
        #expect(code(shelf.next()?.1) == .noLongerKept)
        shelf.forget(aliceAddress)
        #expect(shelf.isIdle)
    }

    @Test(
        "Frames wait for room in order, up to a bound, until their peer has taken nothing for too long"
    )
    func outbox() {
        var outbox = PeerOutbox(deadline: .seconds(5))
        for number in 0..<UInt8(PeerOutbox.capacity + 3) {
            outbox.append([number], for: aliceAddress, now: .zero)
        }
        #expect(outbox.dropped == 3 && outbox.isBlocked(aliceAddress) && !outbox.isBlocked(bob))
        var sent: [UInt8] = []
        outbox.flush(aliceAddress, now: .seconds(4)) { frame in
            guard sent.count < 2 else { return false }
            sent += frame
            return true
        }
        #expect(sent == [0, 1] && outbox.expire(now: .seconds(8)).isEmpty)
        outbox.flush(aliceAddress, now: .seconds(9)) { _ in false }
        #expect(outbox.expire(now: .milliseconds(9_001)) == [aliceAddress] && outbox.peers.isEmpty)
        outbox.append([1], for: bob, now: .zero)
        outbox.flush(bob, now: .zero) { _ in true }
        #expect(!outbox.isBlocked(bob))
        outbox.append([1], for: bob, now: .zero)
        outbox.forget(bob)
        #expect(outbox.peers.isEmpty)
    }
}
