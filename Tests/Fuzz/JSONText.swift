/// JSON: what is accepted and written again must be accepted and written alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONParser.parse(input) else { return 0 }
    let text = value.compactText
    precondition((try! JSONParser.parse(Array(text.utf8))).compactText == text)
    return 0
}
