/// A configuration file: its entries, or a sentence with a place in the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    guard let text = String(validating: bytes, as: UTF8.self) else { return 0 }
    let source = TOMLSource(name: "fuzz.toml", text: text)
    do {
        let entries = try source.entries()
        precondition(entries.count <= count, "\(entries.count) keys in \(count) bytes")
    } catch {
        precondition(error.problems.allSatisfy { $0.place?.hasPrefix("fuzz.toml:") == true })
    }
    return 0
}
