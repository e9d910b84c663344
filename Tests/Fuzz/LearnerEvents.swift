/// Events for a live learner session: frames of its workers, calls and time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    _ = LearnerWorld.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
    _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: UInt32
) -> Int {
    mutateAndRepair(data, count, countMax, seed: seed) { EventStream.repaired($0) }
}
