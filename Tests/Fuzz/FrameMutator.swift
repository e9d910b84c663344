// How libFuzzer's own mutations are kept from ending at a checksum. `repair` says what a target reads.

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int) -> Int

/// Changes the input as libFuzzer does and repairs it; one in eight stays damaged. Answers its new length.
func mutateAndRepair(
    _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, seed: UInt32,
    repair: ([UInt8]) -> [UInt8]
) -> Int {
    let changed = mutateBytes(data, count, countMax)
    guard seed % 8 != 0 else { return changed }
    let result = repair(Array(UnsafeBufferPointer(start: data, count: changed)))
    guard result.count <= countMax else { return changed }
    for (index, byte) in result.enumerated() { data[index] = byte }
    return result.count
}
