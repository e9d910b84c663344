internal import Wire

/// What travels: a message, or its frame where the simulation encodes.
indirect enum Parcel {
    case worker(WorkerMessage)
    case learner(LearnerMessage)
    case fetcher(FetcherMessage)
    case holder(HolderMessage)
    case frame([UInt8])

    /// With one bit flipped, if it is a frame.
    func damaged(by chance: inout Chance) -> Parcel {
        guard case .frame(var bytes) = self, !bytes.isEmpty else { return self }
        bytes[chance.integer(0...bytes.count - 1)] ^= 1 << UInt8(chance.integer(0...7))
        return .frame(bytes)
    }
}

/// Which of a worker's two connections.
enum Channel: Int, CaseIterable { case rollouts, snapshots }

/// A parcel under way on one connection.
struct Delivery {
    var channel: Channel
    var worker: Int
    /// Which start of the worker.
    var life: Int
    /// Which connection of this life.
    var epoch: Int
    var toLearner: Bool
    var parcel: Parcel
}

/// Stands in for frames where the sessions want bytes and the simulation passes values: eight bytes that
/// name a parcel.
struct ParcelStore {
    private var parcels: [UInt64: Parcel] = [:]
    private var last: UInt64 = 0

    mutating func token(for parcel: Parcel) -> [UInt8] {
        if case .frame(let bytes) = parcel { return bytes }
        last += 1
        parcels[last] = parcel
        return Pretence.littleEndian(last)
    }

    func parcel(of bytes: [UInt8]) -> Parcel {
        guard bytes.count == 8 else { return .frame(bytes) }
        let token = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return parcels[token]!
    }

    /// Nobody holds a token any more.
    mutating func clear() { parcels.removeAll(keepingCapacity: true) }
}

extension Parcel: CustomStringConvertible {
    /// What a trace says of it.
    var description: String {
        switch self {
        case .worker(let message): "\(message.command)"
        case .learner(let message): "\(message.incarnation) \(message.command)"
        case .fetcher(let message): "\(message.command)"
        case .holder(let message): "\(message.command)"
        case .frame(let bytes): Self.description(of: bytes)
        }
    }

    private static func description(of frame: [UInt8]) -> String {
        if let message = try? WorkerMessage(frame: frame) { return "\(message.command)" }
        if let message = try? LearnerMessage(frame: frame) {
            return "\(message.incarnation) \(message.command)"
        }
        return "frame of \(frame.count) bytes"
    }
}
