/// A config.json: what is accepted has sizes within the limits.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let configuration = try? ModelConfiguration(json: input) else { return 0 }
    precondition(configuration.headsPerKeyValueHead >= 1)
    precondition(configuration.projectionWidth > 0)
    return 0
}
