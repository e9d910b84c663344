/// What a rollout worker can say.
package enum WorkerCommand: Hashable, Sendable {
    indirect case hello(Hello)
    case group(GroupDelivery)
    case heartbeat(WorkerHeartbeat)
    case drained(Drained)
    case goodbye(Goodbye)
}

/// A message of 1/ROLLOUT from a worker to the learner.
package struct WorkerMessage: Hashable, Sendable {
    /// As it stood in the prelude. A HELLO's is the highest that the worker speaks.
    package var version: ProtocolVersion
    /// ≥ 1; larger in every later process of the same worker.
    package var incarnation: UInt64
    package var command: WorkerCommand

    package init(
        incarnation: UInt64, _ command: WorkerCommand, version: ProtocolVersion = .current
    ) {
        self.version = version
        self.incarnation = incarnation
        self.command = command
    }

    /// Decodes a whole frame. Any bytes whatever give a message or an error.
    package init(frame: [UInt8]) throws(WireError) {
        self = try withBytes(of: frame) { (bytes) throws(WireError) in try Self(frame: bytes) }
    }

    /// Decodes a whole frame; `frame` is not kept.
    package init(frame: UnsafeRawBufferPointer) throws(WireError) {
        let received = try ReceivedFrame(frame, from: .worker)
        version = received.version
        incarnation = 0
        switch received.type {
        case .hello: command = .hello(try received.command(incarnation: &incarnation))
        case .group: command = .group(try received.command(incarnation: &incarnation))
        case .workerHeartbeat: command = .heartbeat(try received.command(incarnation: &incarnation))
        case .drained: command = .drained(try received.command(incarnation: &incarnation))
        case .workerGoodbye: command = .goodbye(try received.command(incarnation: &incarnation))
        default: preconditionFailure("\(received.type) is not a worker's")
        }
        try Self.check(incarnation)
    }

    /// The frame. Throws where the command breaks a limit or rule of 1/ROLLOUT; the same rules hold for
    /// decoding, so what is encoded can be decoded.
    package func encode() throws(WireError) -> [UInt8] {
        try Self.check(incarnation)
        return switch command {
        case .hello(let command): try frame(command)
        case .group(let command): try frame(command)
        case .heartbeat(let command): try frame(command)
        case .drained(let command): try frame(command)
        case .goodbye(let command): try frame(command)
        }
    }

    package var type: MessageType {
        switch command {
        case .hello: .hello
        case .group: .group
        case .heartbeat: .workerHeartbeat
        case .drained: .drained
        case .goodbye: .workerGoodbye
        }
    }

    private func frame<C: Command>(_ command: C) throws(WireError) -> [UInt8]
    where C.Header: SessionHeader {
        try command.frame(type: type, version: version, incarnation: incarnation)
    }

    private static func check(_ incarnation: UInt64) throws(WireError) {
        try WireError.require(incarnation > 0, "a worker's incarnation is 0")
    }
}

/// What the learner can say to a rollout worker.
package enum LearnerCommand: Hashable, Sendable {
    indirect case welcome(Welcome)
    case lease(LeaseOffer)
    case ack(Acknowledgement)
    case reject(Rejection)
    case heartbeat(LearnerHeartbeat)
    case drain(Drain)
    case goodbye(Goodbye)
}

/// A message of 1/ROLLOUT from the learner to a worker.
package struct LearnerMessage: Hashable, Sendable {
    /// As it stood in the prelude.
    package var version: ProtocolVersion
    /// How often the learner has started on this run.
    package var incarnation: UInt32
    package var command: LearnerCommand

    package init(
        incarnation: UInt32, _ command: LearnerCommand, version: ProtocolVersion = .current
    ) {
        self.version = version
        self.incarnation = incarnation
        self.command = command
    }

    /// Decodes a whole frame. Any bytes whatever give a message or an error.
    package init(frame: [UInt8]) throws(WireError) {
        self = try withBytes(of: frame) { (bytes) throws(WireError) in try Self(frame: bytes) }
    }

    /// Decodes a whole frame; `frame` is not kept.
    package init(frame: UnsafeRawBufferPointer) throws(WireError) {
        let received = try ReceivedFrame(frame, from: .learner)
        var sender: UInt64 = 0
        switch received.type {
        case .welcome: command = .welcome(try received.command(incarnation: &sender))
        case .lease: command = .lease(try received.command(incarnation: &sender))
        case .ack: command = .ack(try received.command(incarnation: &sender))
        case .reject: command = .reject(try received.command(incarnation: &sender))
        case .learnerHeartbeat: command = .heartbeat(try received.command(incarnation: &sender))
        case .drain: command = .drain(try received.command(incarnation: &sender))
        case .learnerGoodbye: command = .goodbye(try received.command(incarnation: &sender))
        default: preconditionFailure("\(received.type) is not a learner's")
        }
        guard let incarnation = UInt32(exactly: sender) else {
            throw WireError(.badField, "the learner's incarnation \(sender) has more than 32 bits")
        }
        self.incarnation = incarnation
        version = received.version
    }

    /// The frame. Throws where the command breaks a limit or rule of 1/ROLLOUT.
    package func encode() throws(WireError) -> [UInt8] {
        switch command {
        case .welcome(let command): try frame(command)
        case .lease(let command): try frame(command)
        case .ack(let command): try frame(command)
        case .reject(let command): try frame(command)
        case .heartbeat(let command): try frame(command)
        case .drain(let command): try frame(command)
        case .goodbye(let command): try frame(command)
        }
    }

    package var type: MessageType {
        switch command {
        case .welcome: .welcome
        case .lease: .lease
        case .ack: .ack
        case .reject: .reject
        case .heartbeat: .learnerHeartbeat
        case .drain: .drain
        case .goodbye: .learnerGoodbye
        }
    }

    private func frame<C: Command>(_ command: C) throws(WireError) -> [UInt8]
    where C.Header: SessionHeader {
        try command.frame(type: type, version: version, incarnation: UInt64(incarnation))
    }
}
