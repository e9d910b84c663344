/// What a fetcher can ask.
package enum FetcherCommand: Hashable, Sendable {
    case manifestRequest(ManifestRequest)
    case chunkRequest(ChunkRequest)
}

/// A message of 2/SNAPSHOT from a fetcher (rollout worker or relay) to a holder.
package struct FetcherMessage: Hashable, Sendable {
    /// As it stood in the prelude.
    package var version: ProtocolVersion
    package var command: FetcherCommand

    package init(_ command: FetcherCommand, version: ProtocolVersion = .current) {
        self.version = version
        self.command = command
    }

    /// Decodes a whole frame. Any bytes whatever give a message or an error.
    package init(frame: [UInt8]) throws(WireError) {
        self = try withBytes(of: frame) { (bytes) throws(WireError) in try Self(frame: bytes) }
    }

    /// Decodes a whole frame; `frame` is not kept.
    package init(frame: UnsafeRawBufferPointer) throws(WireError) {
        let received = try ReceivedFrame(frame, from: .fetcher)
        version = received.version
        switch received.type {
        case .manifestRequest: command = .manifestRequest(try received.command())
        case .chunkRequest: command = .chunkRequest(try received.command())
        default: preconditionFailure("\(received.type) is not a fetcher's")
        }
    }

    /// The frame. Throws where the command breaks a limit or rule of 2/SNAPSHOT.
    package func encode() throws(WireError) -> [UInt8] {
        switch command {
        case .manifestRequest(let command): try command.frame(type: type, version: version)
        case .chunkRequest(let command): try command.frame(type: type, version: version)
        }
    }

    package var type: MessageType {
        switch command {
        case .manifestRequest: .manifestRequest
        case .chunkRequest: .chunkRequest
        }
    }
}

/// What a holder of snapshots can say.
package enum HolderCommand: Hashable, Sendable {
    case announce(Announcement)
    case manifest(Manifest)
    case chunk(Chunk)
    case reject(SnapshotRejection)
}

/// A message of 2/SNAPSHOT from a holder (learner or relay) to a fetcher.
package struct HolderMessage: Hashable, Sendable {
    /// As it stood in the prelude.
    package var version: ProtocolVersion
    package var command: HolderCommand

    package init(_ command: HolderCommand, version: ProtocolVersion = .current) {
        self.version = version
        self.command = command
    }

    /// Decodes a whole frame. Any bytes whatever give a message or an error.
    package init(frame: [UInt8]) throws(WireError) {
        self = try withBytes(of: frame) { (bytes) throws(WireError) in try Self(frame: bytes) }
    }

    /// Decodes a whole frame; `frame` is not kept.
    package init(frame: UnsafeRawBufferPointer) throws(WireError) {
        let received = try ReceivedFrame(frame, from: .holder)
        version = received.version
        switch received.type {
        case .announce: command = .announce(try received.command())
        case .manifest: command = .manifest(try received.command())
        case .chunk: command = .chunk(try received.command())
        case .snapshotReject: command = .reject(try received.command())
        default: preconditionFailure("\(received.type) is not a holder's")
        }
    }

    /// The frame. Throws where the command breaks a limit or rule of 2/SNAPSHOT.
    package func encode() throws(WireError) -> [UInt8] {
        switch command {
        case .announce(let command): try command.frame(type: type, version: version)
        case .manifest(let command): try command.frame(type: type, version: version)
        case .chunk(let command): try command.frame(type: type, version: version)
        case .reject(let command): try command.frame(type: type, version: version)
        }
    }

    package var type: MessageType {
        switch command {
        case .announce: .announce
        case .manifest: .manifest
        case .chunk: .chunk
        case .reject: .snapshotReject
        }
    }
}
