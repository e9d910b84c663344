internal import GRPO
internal import Wire

// What one event leads to.

extension SnapshotFetch {
    mutating func receive(
        _ chunk: Chunk, of manifest: Manifest, now: Duration
    ) -> [Action] {
        guard chunk.version == version, requested.contains(chunk.index),
            chunk.bytes.count == manifest.range(ofChunk: chunk.index).count
        else {
            refused += 1
            return []
        }
        requested.remove(chunk.index)
        hashing[chunk.index] = chunk.bytes
        nextRequest = now + timing.request
        let digest = manifest.chunkDigests[chunk.index]
        return [.verifyChunk(chunk.index, bytes: chunk.bytes, digest: digest)] + request(manifest)
    }

    mutating func receive(_ rejection: SnapshotRejection, now: Duration) -> [Action] {
        if let version = rejection.version, version != self.version { return [] }
        switch rejection.code {
        // Asked again by the timer, until the deadline.
        case .unknownVersion, .busy: return []
        case .noLongerKept: return end(.gone)
        case .badRange:
            stage = .manifest
            (chunks, requested, hashing, again, nextChunk) = ([:], [], [:], [], 0)
            return []
        case .other, .unsupportedVersion, .malformed:
            return end(.failed("the holder refuses: \(rejection.reason)"))
        }
    }

    /// Fills the window, in ranges as long as they come.
    mutating func request(_ manifest: Manifest) -> [Action] {
        var wanted: [Int] = []
        while requested.count + hashing.count + wanted.count < Self.window {
            if !again.isEmpty {
                wanted.append(again.removeFirst())
            } else if nextChunk < manifest.chunkDigests.count {
                wanted.append(nextChunk)
                nextChunk += 1
            } else {
                break
            }
        }
        requested.formUnion(wanted)
        return ranges(of: wanted.sorted()).map {
            .send(.chunkRequest(ChunkRequest(version: version, chunks: $0)))
        }
    }

    private func ranges(of indices: [Int]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for index in indices {
            if let last = ranges.last, last.upperBound == index {
                ranges[ranges.count - 1] = last.lowerBound..<index + 1
            } else {
                ranges.append(index..<index + 1)
            }
        }
        return ranges
    }

    mutating func complete(_ manifest: Manifest) -> [Action] {
        let image = manifest.chunkDigests.indices.map { chunks[$0]! }
        return end(.complete(manifest.snapshot, chunks: image))
    }

    mutating func end(_ outcome: Outcome) -> [Action] {
        stage = .ended
        (chunks, requested, hashing) = ([:], [], [:])
        return [.ended(outcome)]
    }
}
