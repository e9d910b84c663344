package import GRPO
package import Wire

/// The transfer of one snapshot, on the fetcher's side of 2/SNAPSHOT. No socket, no clock, no
/// hashing: what must be hashed goes out as an action and comes back as an answer.
package struct SnapshotFetch: Sendable {
    package enum Action: Hashable, Sendable {
        case send(FetcherCommand)
        /// Is the SHA-256 of the manifest's chunk digests the manifest's digest? `manifestVerified`
        /// answers.
        case verifyManifest(Manifest)
        /// Is this the SHA-256 of the bytes? `chunkVerified` answers.
        case verifyChunk(Int, bytes: ArraySlice<UInt8>, digest: ContentDigest)
        case ended(Outcome)
    }

    package enum Outcome: Hashable, Sendable {
        /// All chunks, in order, each verified.
        case complete(SnapshotReference, chunks: [ArraySlice<UInt8>])
        /// The holder does not keep the version any more.
        case gone
        case failed(String)
    }

    /// Chunks that were asked for and have not come.
    package static let window = 8
    /// How often a chunk with a wrong SHA-256 is asked for again.
    package static let repeatsMax = 3

    package struct Timing: Hashable, Sendable {
        /// Silence after which what is missing is asked for again.
        package var request: Duration
        /// Without anything new for this long, the transfer has failed.
        package var progress: Duration

        package init(request: Duration = .seconds(2), progress: Duration = .seconds(60)) {
            self.request = request
            self.progress = progress
        }
    }

    enum Stage {
        case manifest
        case verifyingManifest(Manifest)
        case chunks(Manifest)
        case ended
    }

    package let version: PolicyVersion
    /// What the learner has said of the version; `nil`: nothing yet.
    let expected: ContentDigest?
    let timing: Timing
    var stage = Stage.manifest
    var chunks: [Int: ArraySlice<UInt8>] = [:]
    /// Asked for and not come.
    var requested: Set<Int> = []
    /// Come and being hashed.
    var hashing: [Int: ArraySlice<UInt8>] = [:]
    var nextChunk = 0
    /// Damaged chunks, to be asked for again before new ones.
    var again: [Int] = []
    var damage: [Int: Int] = [:]
    var nextRequest: Duration
    var lastProgress: Duration
    /// Chunks and manifests that were refused.
    package internal(set) var refused = 0

    package init(
        _ version: PolicyVersion, expected: ContentDigest?, timing: Timing = Timing(), now: Duration
    ) {
        self.version = version
        self.expected = expected
        self.timing = timing
        nextRequest = now
        lastProgress = now
    }

    // MARK: Events

    /// Asks for what is missing when its time has come. The first call starts the transfer.
    package mutating func tick(now: Duration) -> [Action] {
        switch stage {
        case .ended, .verifyingManifest: return []
        case .manifest, .chunks: break
        }
        guard now - lastProgress < timing.progress else {
            return end(.failed("nothing came for \(timing.progress.inSeconds)"))
        }
        guard nextRequest <= now else { return [] }
        nextRequest = now + timing.request
        guard case .chunks(let manifest) = stage else {
            return [.send(.manifestRequest(ManifestRequest(version: version)))]
        }
        again = (requested.sorted() + again).filter { chunks[$0] == nil && hashing[$0] == nil }
        requested = []
        return request(manifest)
    }

    /// When `tick` has something to do if nothing happens until then; `nil`: not before something does.
    package var nextDeadline: Duration? {
        switch stage {
        case .ended, .verifyingManifest: nil
        case .manifest, .chunks: min(nextRequest, lastProgress + timing.progress)
        }
    }

    package mutating func receive(_ message: HolderMessage, now: Duration) -> [Action] {
        switch (message.command, stage) {
        case (.manifest(let manifest), .manifest):
            guard manifest.snapshot.version == version else { return [] }
            guard expected == nil || expected == manifest.snapshot.digest else {
                refused += 1
                return end(
                    .failed(
                        "the holder offers other weights as \(version) than the learner published"))
            }
            stage = .verifyingManifest(manifest)
            return [.verifyManifest(manifest)]
        case (.chunk(let chunk), .chunks(let manifest)):
            return receive(chunk, of: manifest, now: now)
        case (.reject(let rejection), .manifest), (.reject(let rejection), .chunks):
            return receive(rejection, now: now)
        default: return []
        }
    }

    /// A frame that did not decode counts as lost, unless nothing of this holder will ever decode.
    package mutating func receive(_ error: WireError) -> [Action] {
        guard error.code == .unsupportedMajor else { return [] }
        if case .ended = stage { return [] }
        return end(.failed(error.description))
    }

    package mutating func manifestVerified(_ isRight: Bool, now: Duration) -> [Action] {
        guard case .verifyingManifest(let manifest) = stage else { return [] }
        guard isRight else {
            refused += 1
            return end(.failed("the digest of the holder's manifest is not that of its chunks"))
        }
        stage = .chunks(manifest)
        nextRequest = now + timing.request
        return request(manifest)
    }

    package mutating func chunkVerified(_ index: Int, _ isRight: Bool, now: Duration) -> [Action] {
        guard case .chunks(let manifest) = stage, let bytes = hashing.removeValue(forKey: index)
        else { return [] }
        if isRight {
            chunks[index] = bytes
            lastProgress = now
            if chunks.count == manifest.chunkDigests.count { return complete(manifest) }
        } else {
            refused += 1
            damage[index, default: 0] += 1
            guard damage[index]! <= Self.repeatsMax else {
                return end(.failed("chunk \(index) came damaged \(damage[index]!) times"))
            }
            again.append(index)
        }
        return request(manifest)
    }
}
