/// A safetensors image, with every tensor read that can be read. The first eight bytes of the image are
/// written here, since a random length is nearly always wrong; unless the input starts with a zero byte.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = Array(UnsafeBufferPointer(start: start, count: count))
    if input.first == 0 {
        input.removeFirst()
    } else {
        let length = input.lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? input.count
        input = withUnsafeBytes(of: UInt64(length).littleEndian, Array.init) + input
    }
    guard let image = try? SafetensorsImage(input) else { return 0 }
    for name in image.names {
        guard let values = try? image.values(of: name) else { continue }
        precondition(values.count <= input.count)
    }
    return 0
}
