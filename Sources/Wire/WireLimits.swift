/// What a message may hold at most, as `protocols/` states it. Both sides enforce every one of these:
/// encoding a larger message throws, and so does decoding one.
package enum WireLimits {
    /// Bytes of the fixed part of a frame.
    package static let preludeBytes = 16
    /// Bytes of a protobuf header.
    package static let headerBytes = 65_536
    /// Bytes of the payload of a message of 1/ROLLOUT.
    package static let rolloutPayloadBytes = 64 << 20
    /// Bytes of a snapshot chunk, and of any payload of 2/SNAPSHOT.
    package static let chunkBytes = 1 << 20

    /// Bytes of a whole frame of 1/ROLLOUT.
    package static let rolloutFrameBytes = preludeBytes + headerBytes + rolloutPayloadBytes
    /// Bytes of a whole frame of 2/SNAPSHOT.
    package static let snapshotFrameBytes = preludeBytes + headerBytes + chunkBytes

    package static let tensorsPerPayload = 64
    package static let tensorDimensions = 4
    /// Bytes of a tensor's name.
    package static let tensorNameBytes = 64

    /// Bytes of any string of a header.
    package static let stringBytes = 4_096
    /// Characters of a worker's name.
    package static let workerNameBytes = 128
    /// Bytes of the run's configuration.
    package static let configurationBytes = 65_536
    /// Bytes of the columns of one ticket.
    package static let columnsBytes = 1 << 20

    package static let tokensPerPrompt = 1 << 20
    package static let tokensPerCompletion = 1 << 20
    package static let completionsPerGroup = 4_096
    /// Reward functions of a run.
    package static let rewardFunctions = 64
    /// Lease ids in one message.
    package static let heldLeases = 4_096
    /// Tickets in one LEASE.
    package static let ticketsPerOffer = 512
    /// Verdicts in one ACK.
    package static let verdictsPerAcknowledgement = 512

    package static let chunksPerSnapshot = 32_768
    /// Chunks in one CHUNK-REQUEST.
    package static let chunksPerRequest = 64
}
