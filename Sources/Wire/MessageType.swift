/// The version of a protocol that a frame is written in; it stands in every prelude.
package struct ProtocolVersion: Hashable, Sendable, CustomStringConvertible {
    /// Another major version is refused.
    package var major: UInt8
    /// Every minor version is accepted; what it adds is ignored.
    package var minor: UInt8

    package init(major: UInt8, minor: UInt8) {
        self.major = major
        self.minor = minor
    }

    /// The newest that this code speaks, for both protocols.
    package static let current = ProtocolVersion(major: 1, minor: 1)
    /// What everyone of this major version understands.
    package static let oldest = ProtocolVersion(major: 1, minor: 0)

    package var description: String { "\(major).\(minor)" }
}

/// The command that a frame carries. The high byte is the protocol's number; bit 7 is set where the
/// sender is the learner or holder.
package enum MessageType: UInt16, Sendable, CaseIterable {
    case hello = 0x0101
    case group = 0x0102
    case workerHeartbeat = 0x0103
    case drained = 0x0104
    case workerGoodbye = 0x0105

    case welcome = 0x0181
    case lease = 0x0182
    case ack = 0x0183
    case reject = 0x0184
    case learnerHeartbeat = 0x0185
    case drain = 0x0186
    case learnerGoodbye = 0x0187

    case manifestRequest = 0x0201
    case chunkRequest = 0x0202

    case announce = 0x0281
    case manifest = 0x0282
    case chunk = 0x0283
    case snapshotReject = 0x0284

    /// Who may send it, and so which decoder takes it.
    var sender: Sender { Sender(rawValue: rawValue & 0xFF80)! }
}

/// One direction of one protocol.
enum Sender: UInt16 {
    case worker = 0x0100
    case learner = 0x0180
    case fetcher = 0x0200
    case holder = 0x0280

    var frameBytes: Int {
        switch self {
        case .worker, .learner: WireLimits.rolloutFrameBytes
        case .fetcher, .holder: WireLimits.snapshotFrameBytes
        }
    }

    var payloadBytes: Int {
        switch self {
        case .worker, .learner: WireLimits.rolloutPayloadBytes
        case .fetcher, .holder: WireLimits.chunkBytes
        }
    }
}
