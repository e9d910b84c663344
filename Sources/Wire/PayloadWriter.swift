internal import SwiftProtobuf

/// Collects the tensors of a payload to be sent. The arrays are kept, not copied, until `append`.
struct PayloadWriter {
    private enum Values {
        case u8(ArraySlice<UInt8>)
        case u32([UInt32])
        case i32([Int32])
        case f32([Float])
        case f64([Double])

        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            switch self {
            case .u8(let values): values.withUnsafeBytes(body)
            case .u32(let values): values.withUnsafeBytes(body)
            case .i32(let values): values.withUnsafeBytes(body)
            case .f32(let values): values.withUnsafeBytes(body)
            case .f64(let values): values.withUnsafeBytes(body)
            }
        }
    }

    private var values: [Values] = []
    private var tensors: [ProtoTensor] = []
    private var crc: UInt32 = 0
    /// Bytes of all tensors so far.
    private(set) var count = 0

    /// The header's field 15; `nil` where there is no tensor.
    var description: ProtoPayload? {
        guard !tensors.isEmpty else { return nil }
        return .with {
            $0.crc32C = crc
            $0.tensors = tensors
        }
    }

    mutating func add(_ name: String, _ bytes: ArraySlice<UInt8>, shape: [Int]? = nil) {
        add(name, .u8(bytes), type: .u8, shape: shape ?? [bytes.count])
    }
    mutating func add(_ name: String, _ vector: [UInt32]) {
        add(name, .u32(vector), type: .u32, shape: [vector.count])
    }
    mutating func add(_ name: String, _ vector: [Int32]) {
        add(name, .i32(vector), type: .i32, shape: [vector.count])
    }
    mutating func add(_ name: String, _ vector: [Float]) {
        add(name, .f32(vector), type: .f32, shape: [vector.count])
    }
    mutating func add(_ name: String, _ values: [Double], shape: [Int]? = nil) {
        add(name, .f64(values), type: .f64, shape: shape ?? [values.count])
    }

    private mutating func add(_ name: String, _ values: Values, type: TensorType, shape: [Int]) {
        let bytes = shape.reduce(type.size, *)
        self.values.append(values)
        values.withBytes {
            precondition($0.count == bytes, "\(name) has \($0.count) bytes and shape \(shape)")
            crc = checksum($0, continuing: crc)
        }
        count += bytes
        tensors.append(
            .with {
                $0.name = name
                $0.dtype = type.rawValue
                $0.shape = shape.map(UInt64.init)
                $0.bytes = UInt64(bytes)
            })
    }

    func append(to frame: inout [UInt8]) {
        for values in values { values.withBytes { frame.append(contentsOf: $0) } }
    }
}
