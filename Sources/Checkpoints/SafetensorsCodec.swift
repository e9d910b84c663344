package import Ports

/// Safetensors for the sides that know it only through `Ports`.
package struct SafetensorsCodec: TensorCodec {
    package init() {}

    /// Throws `SafetensorsError`.
    package func decode(_ image: [UInt8]) throws -> any TensorImage { try SafetensorsImage(image) }

    /// Tensors in the given order, all of one type, behind a header padded with spaces to 8 bytes. `"format": "pt"` is
    /// added to `metadata`, which transformers asks for. The same input always gives the same bytes.
    ///
    /// Throws `SafetensorsError` for a name used twice or reserved, or values that do not fill the shape.
    package func encode(
        _ tensors: [NamedTensor], type: TensorType = .float32, metadata: [String: String] = [:]
    ) throws -> [UInt8] {
        let metadata = metadata.merging(["format": "pt"]) { given, _ in given }
        let (header, dataBytes) = try header(of: tensors, type, metadata: metadata)
        var image: [UInt8] = []
        image.reserveCapacity(8 + header.count + dataBytes)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { image.append(contentsOf: $0) }
        image.append(contentsOf: header)
        for tensor in tensors { append(tensor.values, as: type, to: &image) }
        return image
    }

    private func append(_ values: [Float], as type: TensorType, to image: inout [UInt8]) {
        switch type {
        case .float32: values.withUnsafeBytes { image.append(contentsOf: $0) }
        case .bfloat16:
            values.map(brain).withUnsafeBytes { image.append(contentsOf: $0) }
        }
    }

    private func header(
        of tensors: [NamedTensor], _ type: TensorType, metadata: [String: String]
    ) throws -> (json: [UInt8], dataBytes: Int) {
        let strings = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0)):\(quoted($1))" }
        var members = ["\"\(SafetensorsHeader.metadataKey)\":{\(strings.joined(separator: ","))}"]
        var seen: Set = [SafetensorsHeader.metadataKey]
        var offset = 0
        for tensor in tensors {
            guard seen.insert(tensor.name).inserted else {
                throw SafetensorsError.duplicateName(tensor.name)
            }
            try requireFilled(tensor)
            let end = offset + (type == .float32 ? 4 : 2) * tensor.values.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(tensor.name)):{\"dtype\":\"\(type == .float32 ? "F32" : "BF16")\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        json.append(contentsOf: repeatElement(0x20, count: (8 - json.count % 8) % 8))
        return (json, offset)
    }

    private func requireFilled(_ tensor: NamedTensor) throws {
        guard let count = product(of: tensor.shape) else {
            throw SafetensorsError.shapeOverflow(tensor: tensor.name)
        }
        guard count == tensor.values.count else {
            throw SafetensorsError.wrongCount(
                tensor: tensor.name, count: tensor.values.count, expected: count)
        }
    }
}

/// `text` as a JSON string.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\0"..<" ":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
