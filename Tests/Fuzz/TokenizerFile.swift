/// A tokenizer.json: the file, and after a zero byte a text for it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard let tokenizer = try? Tokenizer(json: Array(parts[0])) else { return 0 }
    checkEncoding(String(decoding: parts.last!, as: UTF8.self), tokenizer)
    return 0
}
