import ZeroMQ

/// The text of a key file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    do throws(KeyFileError) {
        for (key, value) in try KeyFileLines.fields(bytes, "a.key") {
            precondition(1...32 ~= key.utf8.count && value.count <= count)
            _ = KeyIdentity.isValid(String(decoding: value, as: UTF8.self))
            if let known = CurvePublicKey(z85: value) { precondition(CurvePublicKey(known.bytes) == known) }
            if let secret = CurveSecretKey(z85: value) { _ = try? CurveKeyPair(secretKey: secret) }
        }
    } catch { precondition(error.description.hasPrefix("a.key ")) }
    return 0
}
