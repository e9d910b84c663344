import Foundation
import Ports

/// Just enough safetensors for these tests: f32, read into memory.
struct SimpleSafetensors: TensorCodec {
    struct Image: TensorImage {
        var metadata: [String: String]
        var tensors: [String: NamedTensor]
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
                let range = field["data_offsets"] as? [Int], field["dtype"] as? String == "F32"
            else { throw Malformed() }
            let bytes = image[(8 + length + range[0])..<(8 + length + range[1])]
            let values = bytes.withUnsafeBytes { Array($0.assumingMemoryBound(to: Float.self)) }
            result.tensors[name] = NamedTensor(name: name, shape: shape, values: values)
        }
        result.names = result.tensors.keys.sorted()
        return result
    }

    func encode(_ tensors: [NamedTensor], metadata: [String: String]) throws -> [UInt8] {
        var fields: [String: Any] = ["__metadata__": metadata]
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            tensor.values.withUnsafeBytes { data += $0 }
            fields[tensor.name] = [
                "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count],
            ]
        }
        var header = Array(
            try JSONSerialization.data(withJSONObject: fields, options: [.sortedKeys]))
        header += [UInt8](repeating: 32, count: (8 - header.count % 8) % 8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return length + header + data
    }
}
