import Foundation
import Ports

/// Just enough safetensors for these tests: f32, read into memory; bf16 too where it is written.
struct SimpleSafetensors: TensorCodec {
    struct Image: TensorImage {
        var metadata: [String: String]
        var tensors: [String: (shape: [Int], values: [Float])]
        var names: [String]

        func shape(of name: String) -> [Int]? { tensors[name]?.shape }

        func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws {
            guard let tensor = tensors[name] else { throw Malformed() }
            _ = destination.update(fromContentsOf: tensor.values)
        }

        subscript(name: String) -> [Float] { tensors[name]?.values ?? [] }
    }

    struct Malformed: Error {}

    func decode(_ image: [UInt8]) throws -> any TensorImage { try read(image) }

    func read(_ image: [UInt8]) throws -> Image {
        guard image.count >= 8 else { throw Malformed() }
        let length = image[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(image[8..<(8 + length)]))
        guard var fields = header as? [String: Any] else { throw Malformed() }
        let metadata = fields.removeValue(forKey: "__metadata__") as? [String: String] ?? [:]
        var result = Image(metadata: metadata, tensors: [:], names: [])
        for (name, value) in fields {
            guard let field = value as? [String: Any], let shape = field["shape"] as? [Int],
                let range = field["data_offsets"] as? [Int], let type = field["dtype"] as? String
            else { throw Malformed() }
            let bytes = Array(image[(8 + length + range[0])..<(8 + length + range[1])])
            let values = try Self.values(bytes, type)
            result.tensors[name] = (shape, values)
        }
        result.names = result.tensors.keys.sorted()
        return result
    }

    private static func values(_ bytes: [UInt8], _ type: String) throws -> [Float] {
        func number(_ index: Int, _ size: Int) -> UInt32 {
            (0..<size).reduce(0) { $0 | UInt32(bytes[index * size + $1]) << (8 * $1) }
        }
        switch type {
        case "F32": return (0..<bytes.count / 4).map { Float(bitPattern: number($0, 4)) }
        case "BF16": return (0..<bytes.count / 2).map { Float(bitPattern: number($0, 2) << 16) }
        default: throw Malformed()
        }
    }

    /// The nearest bfloat16, by trying both neighbours; ties to even.
    static func brain(_ value: Float) -> UInt16 {
        let below = UInt16(value.bitPattern >> 16)
        let above = below &+ 1
        func distance(_ bits: UInt16) -> Double {
            abs(Double(Float(bitPattern: UInt32(bits) << 16)) - Double(value))
        }
        if distance(below) == distance(above) { return below % 2 == 0 ? below : above }
        return distance(below) < distance(above) ? below : above
    }

    func encode(
        _ tensors: [NamedTensor], type: TensorType, metadata: [String: String]
    ) throws -> [UInt8] {
        var fields: [String: Any] = ["__metadata__": metadata]
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            switch type {
            case .float32: tensor.values.withUnsafeBytes { data += $0 }
            case .bfloat16: tensor.values.map(Self.brain).withUnsafeBytes { data += $0 }
            }
            fields[tensor.name] = [
                "dtype": type == .float32 ? "F32" : "BF16", "shape": tensor.shape, "data_offsets": [start, data.count],
            ]
        }
        var header = Array(
            try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys]))
        header += [UInt8](repeating: 32, count: (8 - header.count % 8) % 8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return length + header + data
    }
}
