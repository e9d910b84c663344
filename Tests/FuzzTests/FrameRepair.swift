import CChecksums
import SwiftProtobuf
import Wire

// Random changes of a frame end at its first checksum. Repaired, they go on to the header, the payload and
// the state behind them.

/// The frame with everything made right that a checksum or a length says: prelude, `payload.crc32c`, the
/// lengths of tensors, and as many payload bytes as these say. What it means stays mutated.
func repaired(_ frame: [UInt8], payload repairsPayload: Bool = true) -> [UInt8] {
    let start = Array((frame + [UInt8](repeating: 0, count: 16)).prefix(16))
    let rest = frame.dropFirst(16)
    let announced = start[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = Array(rest.prefix(announced))
    var payload = Array(rest.dropFirst(announced))
    if repairsPayload { repair(&header, &payload) }
    return sealed(header, payload, type: Array(start[6..<8]), minor: start[5])
}

/// A frame of major version 1 with a right prelude.
func sealed(_ header: [UInt8], _ payload: [UInt8], type: [UInt8], minor: UInt8) -> [UInt8] {
    let start = Array("COHT".utf8) + [1, minor] + type + littleEndian(UInt32(header.count))
    let crc = checksum(header, continuing: checksum(start))
    return start + littleEndian(crc) + header + payload
}

/// Looks for field 15 of a header and makes it describe the payload, which gets the length that its
/// tensors have.
private func repair(_ header: inout [UInt8], _ payload: inout [UInt8]) {
    guard let field = field15(header),
        var description = try? ProtoPayload(serializedBytes: Array(header[field.value]))
    else { return }
    var total = 0
    for index in description.tensors.indices {
        if let bytes = bytes(of: description.tensors[index]) {
            description.tensors[index].bytes = UInt64(bytes)
        }
        total += Int(min(description.tensors[index].bytes, 1 << 20))
    }
    guard total <= 1 << 13 else { return }
    payload = Array(payload.prefix(total)) + [UInt8](repeating: 0, count: max(0, total - payload.count))
    description.crc32C = checksum(payload)
    guard let bytes: [UInt8] = try? description.serializedBytes() else { return }
    header.replaceSubrange(field.whole, with: [0x7A] + varint(bytes.count) + bytes)
}

/// What the tensor's shape says, where that is not much.
private func bytes(of tensor: ProtoTensor) -> Int? {
    let sizes = ["U8": 1, "U32": 4, "I32": 4, "F32": 4, "F64": 8]
    guard var bytes = sizes[tensor.dtype] else { return nil }
    for extent in tensor.shape {
        guard extent <= 1 << 12 else { return nil }
        bytes *= Int(extent)
        guard bytes <= 1 << 13 else { return nil }
    }
    return bytes
}

/// The last field 15 of a header that consists of well-formed fields up to it.
private func field15(_ header: [UInt8]) -> (whole: Range<Int>, value: Range<Int>)? {
    var found: (Range<Int>, Range<Int>)?
    var place = 0
    while place < header.count {
        let start = place
        guard let tag = readVarint(header, &place) else { return found }
        switch tag & 7 {
        case 0: if readVarint(header, &place) == nil { return found }
        case 1: place += 8
        case 5: place += 4
        case 2:
            guard let length = readVarint(header, &place), length <= UInt64(header.count - place)
            else { return found }
            let value = place..<place + Int(length)
            if tag >> 3 == 15 { found = (start..<value.upperBound, value) }
            place = value.upperBound
        default: return found
        }
    }
    return found
}

private func readVarint(_ bytes: [UInt8], _ place: inout Int) -> UInt64? {
    var (result, shift) = (UInt64(0), UInt64(0))
    while place < bytes.count, shift < 64 {
        let byte = bytes[place]
        place += 1
        result |= UInt64(byte & 0x7F) << shift
        if byte & 0x80 == 0 { return result }
        shift += 7
    }
    return nil
}

private func varint(_ value: Int) -> [UInt8] {
    var (rest, result) = (value, [UInt8]())
    while rest > 0x7F {
        result.append(UInt8(rest & 0x7F) | 0x80)
        rest >>= 7
    }
    return result + [UInt8(rest)]
}

private func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

private func checksum(_ bytes: [UInt8], continuing crc: UInt32 = 0) -> UInt32 {
    cohort_crc32c(crc, bytes, bytes.count)
}
