/// Where a tensor lies in a safetensors image.
struct TensorEntry: Sendable {
    var name: String
    var type: SafetensorsDataType
    var shape: [Int]
    /// Product of `shape`.
    var count: Int
    /// Relative to the data section.
    var bytes: Range<Int>
}

/// The checked header of a safetensors image: u64 length, little-endian; JSON; data without holes.
struct SafetensorsHeader: Sendable {
    /// The reference implementation's limit.
    static let bytesMax = 100_000_000
    static let metadataKey = "__metadata__"

    /// In the order of their data.
    let entries: [TensorEntry]
    let metadata: [String: String]
    /// Where the data section begins in the image.
    let dataStart: Int

    /// `image`: the whole file. Throws `SafetensorsError`.
    init(_ image: UnsafeRawBufferPointer) throws(SafetensorsError) {
        guard image.count >= 8 else { throw .noHeader(bytes: image.count) }
        let claimed = UInt64(littleEndian: image.loadUnaligned(as: UInt64.self))
        guard claimed <= UInt64(Self.bytesMax) else { throw .headerTooLong(claimed) }
        let length = Int(claimed)
        guard length <= image.count - 8 else {
            throw .headerTruncated(length: length, available: image.count - 8)
        }
        let header = try Self.parse(Array(UnsafeRawBufferPointer(rebasing: image[8..<8 + length])))
        dataStart = 8 + length
        metadata = header.metadata
        entries = header.entries.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        try Self.requireContiguous(entries, dataBytes: image.count - dataStart)
    }

    private static func parse(
        _ json: [UInt8]
    ) throws(SafetensorsError) -> (entries: [TensorEntry], metadata: [String: String]) {
        var scanner = try HeaderScanner(json)
        var entries: [TensorEntry] = []
        var metadata: [String: String] = [:]
        var seen: Set<String> = []
        try scanner.object { (scanner, name) throws(SafetensorsError) in
            guard seen.insert(name).inserted else { throw .duplicateName(name) }
            if name == metadataKey {
                metadata = try strings(&scanner)
            } else {
                entries.append(try entry(&scanner, name: name))
            }
        }
        scanner.skipSpace()
        guard scanner.isAtEnd else { throw scanner.failure("nothing after the closing brace") }
        return (entries, metadata)
    }

    private static func strings(
        _ scanner: inout HeaderScanner
    ) throws(SafetensorsError) -> [String: String] {
        var result: [String: String] = [:]
        try scanner.object { (scanner, key) throws(SafetensorsError) in
            let value = try scanner.string()
            guard result.updateValue(value, forKey: key) == nil else { throw .duplicateName(key) }
        }
        return result
    }

    /// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`, in any order.
    private static func entry(
        _ scanner: inout HeaderScanner, name: String
    ) throws(SafetensorsError) -> TensorEntry {
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(SafetensorsError) in
            switch key {
            case "dtype" where type == nil: type = try scanner.string()
            case "shape" where shape == nil: shape = try scanner.integers()
            case "data_offsets" where offsets == nil: offsets = try scanner.integers()
            default: throw scanner.failure("dtype, shape and data_offsets once in \"\(name)\"")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw scanner.failure("dtype, shape and two data_offsets in \"\(name)\"")
        }
        guard let type = SafetensorsDataType(rawValue: type) else {
            throw .unknownDataType(tensor: name, type)
        }
        guard offsets[0] <= offsets[1] else { throw .reversedOffsets(tensor: name) }
        return try checked(name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1])
    }

    private static func checked(
        name: String, type: SafetensorsDataType, shape: [Int], bytes: Range<Int>
    ) throws(SafetensorsError) -> TensorEntry {
        guard let count = product(of: shape) else { throw .shapeOverflow(tensor: name) }
        let (size, overflow) = count.multipliedReportingOverflow(by: type.size)
        guard !overflow else { throw .shapeOverflow(tensor: name) }
        guard size == bytes.count else {
            throw .wrongSize(tensor: name, bytes: bytes.count, expected: size)
        }
        return TensorEntry(name: name, type: type, shape: shape, count: count, bytes: bytes)
    }

    private static func requireContiguous(
        _ entries: [TensorEntry], dataBytes: Int
    ) throws(SafetensorsError) {
        var end = 0
        var previous = ""
        for entry in entries {
            if entry.bytes.lowerBound < end { throw .overlap(tensor: entry.name, with: previous) }
            if entry.bytes.lowerBound > end {
                throw .hole(tensor: entry.name, bytes: entry.bytes.lowerBound - end)
            }
            end = entry.bytes.upperBound
            previous = entry.name
            guard end <= dataBytes else {
                throw .dataTruncated(tensor: entry.name, needed: end, available: dataBytes)
            }
        }
        guard end == dataBytes else { throw .trailingBytes(dataBytes - end) }
    }
}

/// The number of elements of a shape; `nil` where it overflows or a dimension is negative.
func product(of shape: [Int]) -> Int? {
    var result = 1
    for dimension in shape {
        let (next, overflow) = result.multipliedReportingOverflow(by: dimension)
        guard !overflow, dimension >= 0 else { return nil }
        result = next
    }
    return result
}
