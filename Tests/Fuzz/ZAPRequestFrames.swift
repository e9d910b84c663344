import ZeroMQ

/// A request of libzmq about a peer: frames, each behind its length in two bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = UnsafeBufferPointer(start: start, count: count)[...]
    var frames: [[UInt8]] = []
    while rest.count >= 2 {
        let size = Int(rest[rest.startIndex]) | Int(rest[rest.startIndex + 1]) << 8
        rest = rest.dropFirst(2)
        frames.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
    }
    guard let request = try? ZAPRequest(frames: frames) else { return 0 }
    precondition(request.id == frames[1] && 1...255 ~= request.id.count)
    if case .curve(let key) = request.credentials { precondition(CurvePublicKey(z85: key.z85) == key) }
    return 0
}
