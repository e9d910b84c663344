/// A frame that a learner could have sent.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    checkLearnerFrame(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: UInt32
) -> Int {
    mutateAndRepair(data, count, countMax, seed: seed) { repaired($0, payload: seed % 8 != 1) }
}
