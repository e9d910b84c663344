/// Why bytes are not a usable safetensors image, or values cannot become one.
package enum SafetensorsError: Error, Hashable {
    /// Not even the 8 bytes of the header's length.
    case noHeader(bytes: Int)
    /// The header claims more than the format's 100 MB.
    case headerTooLong(UInt64)
    /// The file ends inside the header.
    case headerTruncated(length: Int, available: Int)
    /// The header is not UTF-8; `offset` counts from its first byte.
    case notUTF8(offset: Int)
    /// The header is not the JSON it should be; `offset` counts from its first byte.
    case malformedHeader(offset: Int, expected: String)
    case duplicateName(String)
    case unknownDataType(tensor: String, String)
    /// The shape's number of bytes does not fit an integer.
    case shapeOverflow(tensor: String)
    /// `data_offsets` end before they begin.
    case reversedOffsets(tensor: String)
    /// `data_offsets` span another number of bytes than shape and dtype need.
    case wrongSize(tensor: String, bytes: Int, expected: Int)
    case overlap(tensor: String, with: String)
    /// Bytes before the tensor belong to none.
    case hole(tensor: String, bytes: Int)
    /// The file ends before the tensor does.
    case dataTruncated(tensor: String, needed: Int, available: Int)
    /// Bytes after the last tensor belong to none.
    case trailingBytes(Int)
    case noSuchTensor(String)
    /// Only F32, F16 and BF16 convert to f32.
    case notConvertible(tensor: String, SafetensorsDataType)
    /// A list of values has another length than the shape's product.
    case wrongCount(tensor: String, count: Int, expected: Int)
}

extension SafetensorsError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noHeader(let bytes):
            "not a safetensors image: \(bytes) bytes, where the header's length alone takes 8"
        case .headerTooLong(let length):
            "not a safetensors image: its header would have \(length) bytes, and at most "
                + "\(SafetensorsHeader.bytesMax) are allowed"
        case .headerTruncated(let length, let available):
            "the safetensors image ends inside its header: \(available) of \(length) bytes; "
                + "fetch the file again"
        case .notUTF8(let offset):
            "the safetensors header is not UTF-8 at byte \(offset)"
        case .malformedHeader(let offset, let expected):
            "the safetensors header is malformed at byte \(offset): expected \(expected)"
        case .duplicateName(let name):
            "the name \"\(name)\" occurs twice in the safetensors header"
        case .unknownDataType(let tensor, let type):
            "tensor \"\(tensor)\" has the unknown dtype \"\(type)\""
        case .shapeOverflow(let tensor):
            "tensor \"\(tensor)\" has a shape whose size overflows"
        case .reversedOffsets(let tensor):
            "tensor \"\(tensor)\" has data_offsets that end before they begin"
        default: tensorDescription
        }
    }

    private var tensorDescription: String {
        switch self {
        case .wrongSize(let tensor, let bytes, let expected):
            "tensor \"\(tensor)\" spans \(bytes) bytes, but its shape and dtype need \(expected)"
        case .overlap(let tensor, let other):
            "tensor \"\(tensor)\" overlaps \"\(other)\""
        case .hole(let tensor, let bytes):
            "\(bytes) bytes before tensor \"\(tensor)\" belong to no tensor"
        case .dataTruncated(let tensor, let needed, let available):
            "the safetensors image ends inside tensor \"\(tensor)\": \(available) of \(needed) data "
                + "bytes; fetch the file again"
        case .trailingBytes(let count):
            "\(count) bytes after the last tensor belong to no tensor"
        case .noSuchTensor(let name):
            "there is no tensor \"\(name)\""
        case .notConvertible(let tensor, let type):
            "tensor \"\(tensor)\" is \(type.rawValue); only F32, F16 and BF16 can be read as f32"
        case .wrongCount(let tensor, let count, let expected):
            "tensor \"\(tensor)\" has room for \(count) values, but its shape needs \(expected)"
        default: "unusable safetensors image"
        }
    }
}
