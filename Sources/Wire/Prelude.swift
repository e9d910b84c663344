private import CChecksums

/// The first 16 bytes of a frame: magic, version, type, header length and checksum.
struct Prelude {
    /// "COHT"
    static let magic: [UInt8] = [0x43, 0x4F, 0x48, 0x54]

    var version: ProtocolVersion
    var type: UInt16
    var headerCount: Int

    /// Reads and verifies the prelude together with the header behind it, before anything of the header
    /// is interpreted.
    init(of frame: UnsafeRawBufferPointer) throws(WireError) {
        guard frame.count >= WireLimits.preludeBytes else {
            throw WireError(.truncated, "the frame has \(frame.count) bytes, less than a prelude")
        }
        guard frame[0..<4].elementsEqual(Self.magic) else {
            throw WireError(.badMagic, "the frame does not begin with COHT; it is not Cohort's")
        }
        let announced = frame.littleEndian(at: 8, as: UInt32.self)
        guard announced <= WireLimits.headerBytes else {
            throw WireError(
                .headerTooLarge,
                "the header is said to have \(announced) bytes; at most \(WireLimits.headerBytes) are allowed"
            )
        }
        headerCount = Int(announced)
        guard frame.count - WireLimits.preludeBytes >= headerCount else {
            throw WireError(
                .truncated, "the frame ends within its header (\(frame.count) bytes)")
        }
        let header = UnsafeRawBufferPointer(rebasing: frame[16..<16 + headerCount])
        let expected = checksum(header, continuing: checksum(.init(rebasing: frame[0..<12])))
        guard frame.littleEndian(at: 12, as: UInt32.self) == expected else {
            throw WireError(.headerChecksum, "the checksum of prelude and header does not match")
        }
        version = ProtocolVersion(major: frame[4], minor: frame[5])
        type = frame.littleEndian(at: 6, as: UInt16.self)
        guard version.major == ProtocolVersion.current.major else {
            throw WireError(
                .unsupportedMajor,
                "the peer speaks protocol version \(version), this side \(ProtocolVersion.current); run the same release on both"
            )
        }
    }

    /// Appends prelude and header to `frame`.
    static func append(
        header: [UInt8], type: MessageType, version: ProtocolVersion, to frame: inout [UInt8]
    ) {
        var start = magic + [version.major, version.minor]
        start.append(littleEndian: type.rawValue)
        start.append(littleEndian: UInt32(header.count))
        let crc = header.withUnsafeBytes {
            checksum($0, continuing: start.withUnsafeBytes { checksum($0) })
        }
        start.append(littleEndian: crc)
        frame += start
        frame += header
    }
}

/// CRC32C of `bytes`, continuing that of the bytes before.
func checksum(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
    cohort_crc32c(crc, bytes.baseAddress, bytes.count)
}

extension UnsafeRawBufferPointer {
    /// The little-endian integer at `offset`, which must lie within the buffer with all its bytes.
    func littleEndian<Integer: FixedWidthInteger>(
        at offset: Int, as type: Integer.Type
    ) -> Integer {
        let size = MemoryLayout<Integer>.size
        precondition(offset >= 0 && offset <= count && size <= count - offset)
        return Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }
}

extension [UInt8] {
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
