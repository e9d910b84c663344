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
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        let size = 8 + header.count + dataBytes
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let image = UnsafeMutableRawBufferPointer(buffer)
            image.copyBytes(from: length + header)
            count = 8 + header.count
            for tensor in tensors {
                tensor.withValues { values in
                    count += write(values, as: type, to: image.baseAddress! + count)
                }
            }
        }
    }

    /// Answers with the number of bytes. `destination` may lie at any address that is even.
    private func write(
        _ values: UnsafeBufferPointer<Float>, as type: TensorType,
        to destination: UnsafeMutableRawPointer
    ) -> Int {
        guard type == .bfloat16 else {
            let bytes = UnsafeRawBufferPointer(values)
            if let source = bytes.baseAddress {
                destination.copyMemory(from: source, byteCount: bytes.count)
            }
            return bytes.count
        }
        let halves = destination.bindMemory(to: UInt16.self, capacity: values.count)
        for index in values.indices { halves[index] = brain(values[index]) }
        return 2 * values.count
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
            let end = offset + (type == .float32 ? 4 : 2) * tensor.count
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
        guard count == tensor.count else {
            throw SafetensorsError.wrongCount(
                tensor: tensor.name, count: tensor.count, expected: count)
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
