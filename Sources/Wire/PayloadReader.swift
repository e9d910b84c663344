/// The tensors of a received payload: checked against the bytes that are there, not yet copied.
///
/// Valid only while the frame's memory is; it never leaves the decoder.
struct PayloadReader {
    private struct Entry {
        var name: String
        var type: TensorType
        var shape: [Int]
        var bytes: UnsafeRawBufferPointer
    }

    /// A handful: looking through them is faster than hashing.
    private var entries: [Entry] = []

    /// Checks descriptors, lengths and checksum. `bytes` is everything behind the header.
    init(_ payload: ProtoPayload?, bytes: UnsafeRawBufferPointer) throws(WireError) {
        let tensors = payload?.tensors ?? []
        guard tensors.count <= WireLimits.tensorsPerPayload else {
            throw WireError(
                .badDescriptor,
                "the payload has \(tensors.count) tensors; at most \(WireLimits.tensorsPerPayload) are allowed"
            )
        }
        var offset = 0
        var spans: [(TensorType, Range<Int>)] = []
        for tensor in tensors {
            let (type, count) = try Self.check(tensor)
            let (end, overflow) = offset.addingReportingOverflow(count)
            guard !overflow else { throw Self.wrongLength(bytes.count) }
            spans.append((type, offset..<end))
            offset = end
        }
        for (index, tensor) in tensors.enumerated() {
            guard !tensors[..<index].contains(where: { $0.name == tensor.name }) else {
                throw WireError(.badDescriptor, "a tensor's name occurs twice in the payload")
            }
        }
        guard offset == bytes.count else { throw Self.wrongLength(bytes.count) }
        guard checksum(bytes) == payload?.crc32C ?? 0 else {
            throw WireError(.payloadChecksum, "the checksum of the payload does not match")
        }
        entries = zip(tensors, spans).map { tensor, place in
            Entry(
                name: tensor.name, type: place.0, shape: tensor.shape.map(Int.init),
                bytes: UnsafeRawBufferPointer(rebasing: bytes[place.1]))
        }
    }

    /// The tensor's element type and its length in bytes, both consistent with its shape.
    private static func check(_ tensor: ProtoTensor) throws(WireError) -> (TensorType, Int) {
        guard 1...WireLimits.tensorNameBytes ~= tensor.name.utf8.count else {
            throw WireError(.badDescriptor, "a tensor's name has \(tensor.name.utf8.count) bytes")
        }
        guard let type = TensorType(rawValue: tensor.dtype) else {
            throw WireError(.badDescriptor, "a tensor's dtype is not one of safetensors'")
        }
        guard tensor.shape.count <= WireLimits.tensorDimensions else {
            throw WireError(.badDescriptor, "a tensor has \(tensor.shape.count) dimensions")
        }
        var count = UInt64(type.size)
        for extent in tensor.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            // Each extent must fit an Int as well, for a zero beside it would hide it in the product.
            guard !overflow, Int(exactly: extent) != nil else {
                throw WireError(.badDescriptor, "a tensor's shape overflows 64 bits")
            }
            count = product
        }
        guard count == tensor.bytes, let count = Int(exactly: count) else {
            throw WireError(
                .badDescriptor, "a tensor has \(tensor.bytes) bytes where its shape says \(count)")
        }
        return (type, count)
    }

    private static func wrongLength(_ count: Int) -> WireError {
        WireError(
            .payloadLength,
            "the tensors' lengths do not add up to the \(count) bytes of the payload")
    }

    func has(_ name: String) -> Bool { entries.contains { $0.name == name } }

    /// The values of the vector `name`; `count`, where given, is the length that it must have.
    func vector<Element: TensorElement>(
        _ name: String, of: Element.Type = Element.self, count: Int? = nil
    ) throws(WireError) -> [Element] {
        let bytes = try bytes(name, type: Element.tensorType, shape: [count])
        return Self.copy(bytes)
    }

    /// The values of the matrix `name` of `rows` rows, row after row, and its columns.
    func matrix<Element: TensorElement>(
        _ name: String, of: Element.Type = Element.self, rows: Int, columns: Int? = nil
    ) throws(WireError) -> (values: [Element], columns: Int) {
        let bytes = try bytes(name, type: Element.tensorType, shape: [rows, columns])
        let values: [Element] = Self.copy(bytes)
        return (values, rows == 0 ? 0 : values.count / rows)
    }

    /// The length was checked against the frame, so this allocates no more than was received.
    private static func copy<Element: TensorElement>(_ bytes: UnsafeRawBufferPointer) -> [Element] {
        Array(unsafeUninitializedCapacity: bytes.count / MemoryLayout<Element>.size) {
            UnsafeMutableRawBufferPointer($0).copyMemory(from: bytes)
            $1 = $0.count
        }
    }

    /// The bytes of the tensor `name`, whose shape must be `shape`; `nil` stands for any extent.
    func bytes(
        _ name: String, type: TensorType = .u8, shape: [Int?]
    ) throws(WireError) -> UnsafeRawBufferPointer {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw WireError(.badTensor, "the payload has no tensor \(name)")
        }
        guard entry.type == type else {
            throw WireError(.badTensor, "\(name) is \(entry.type.rawValue), not \(type.rawValue)")
        }
        guard entry.shape.count == shape.count,
            zip(entry.shape, shape).allSatisfy({ $1 == nil || $0 == $1 })
        else {
            let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw WireError(.badTensor, "\(name) has shape \(entry.shape), not [\(expected)]")
        }
        return entry.bytes
    }
}
