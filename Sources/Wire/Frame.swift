internal import SwiftProtobuf

/// A protobuf header of a frame. Every one describes its payload in field 15.
protocol FrameHeader: SwiftProtobuf.Message {
    var hasPayload: Bool { get }
    var payload: ProtoPayload { get set }
}

/// A header of 1/ROLLOUT, which names its sender's incarnation in field 1.
protocol SessionHeader: FrameHeader {
    var incarnation: UInt64 { get set }
}

/// A command as its header and payload. The initialiser and `describe` are inverse to each other, and
/// `check` runs after the one and before the other, so both ends enforce the same rules.
protocol Command {
    associatedtype Header: FrameHeader

    init(_ header: Header, payload: PayloadReader) throws(WireError)
    func check() throws(WireError)
    func spoken(in version: ProtocolVersion) -> Self
    func describe(in header: inout Header, payload: inout PayloadWriter)
}

/// A received frame whose prelude is verified and whose type is one that `sender` may send.
struct ReceivedFrame {
    let version: ProtocolVersion
    let type: MessageType
    private let sender: Sender
    private let header: UnsafeRawBufferPointer
    private let payload: UnsafeRawBufferPointer

    init(_ frame: UnsafeRawBufferPointer, from sender: Sender) throws(WireError) {
        try WireError.check(
            frame.count, atMost: sender.frameBytes, "the number of bytes in the frame")
        let prelude = try Prelude(of: frame)
        guard let type = MessageType(rawValue: prelude.type), type.sender == sender else {
            throw WireError(
                .unknownType, "message type \(prelude.type) is not one that a \(sender) sends")
        }
        version = prelude.version
        self.type = type
        self.sender = sender
        let start = WireLimits.preludeBytes
        header = UnsafeRawBufferPointer(rebasing: frame[start..<start + prelude.headerCount])
        payload = UnsafeRawBufferPointer(rebasing: frame[(start + prelude.headerCount)...])
    }

    /// The frame's command, verified.
    func command<C: Command>(_: C.Type = C.self) throws(WireError) -> C {
        try command(from: parse(C.Header.self))
    }

    /// The frame's command, verified, and the incarnation of its sender.
    func command<C: Command>(
        _: C.Type = C.self, incarnation: inout UInt64
    ) throws(WireError) -> C where C.Header: SessionHeader {
        let header = try parse(C.Header.self)
        incarnation = header.incarnation
        return try command(from: header)
    }

    private func parse<Header: FrameHeader>(_: Header.Type) throws(WireError) -> Header {
        do {
            return try Header(serializedBytes: Array(header))
        } catch {
            throw WireError(.malformedHeader, "the header of \(type) cannot be parsed: \(error)")
        }
    }

    private func command<C: Command>(from header: C.Header) throws(WireError) -> C {
        let described = header.hasPayload ? header.payload : nil
        let reader = try PayloadReader(described, bytes: payload)
        try WireError.check(
            payload.count, atMost: sender.payloadBytes, "the number of bytes in the payload")
        let command = try C(header, payload: reader)
        try command.check()
        return command
    }
}

extension Command {
    /// The whole frame.
    func frame(type: MessageType, version: ProtocolVersion) throws(WireError) -> [UInt8] {
        try frame(Header(), type: type, version: version)
    }

    /// The whole frame, in the name of `incarnation`.
    func frame(
        type: MessageType, version: ProtocolVersion, incarnation: UInt64
    ) throws(WireError) -> [UInt8] where Header: SessionHeader {
        var header = Header()
        header.incarnation = incarnation
        return try frame(header, type: type, version: version)
    }

    private func frame(
        _ start: Header, type: MessageType, version: ProtocolVersion
    ) throws(WireError) -> [UInt8] {
        guard version.major == ProtocolVersion.current.major else {
            throw WireError(.unsupportedMajor, "cannot write protocol version \(version)")
        }
        let command = spoken(in: version)
        try command.check()
        var header = start
        var payload = PayloadWriter()
        command.describe(in: &header, payload: &payload)
        try WireError.check(
            payload.count, atMost: type.sender.payloadBytes, "the number of bytes in the payload")
        if let description = payload.description { header.payload = description }
        let bytes = try serialize(header)
        guard bytes.count <= WireLimits.headerBytes else {
            throw WireError(.headerTooLarge, "the header of \(type) has \(bytes.count) bytes")
        }
        var frame: [UInt8] = []
        frame.reserveCapacity(WireLimits.preludeBytes + bytes.count + payload.count)
        Prelude.append(header: bytes, type: type, version: version, to: &frame)
        payload.append(to: &frame)
        return frame
    }

    private func serialize(_ header: Header) throws(WireError) -> [UInt8] {
        do {
            return try header.serializedBytes()
        } catch {
            throw WireError(.malformedHeader, "a header cannot be written: \(error)")
        }
    }
}

/// Runs `body` over the bytes of an array, keeping the error's type.
func withBytes<Result>(
    of array: [UInt8], _ body: (UnsafeRawBufferPointer) throws(WireError) -> Result
) throws(WireError) -> Result {
    try array.withUnsafeBufferPointer { (buffer) throws(WireError) in
        try body(UnsafeRawBufferPointer(buffer))
    }
}
