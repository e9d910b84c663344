#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The lines of a key file, without a copy of any value.
enum KeyFileLines {
    /// The values by key.
    ///
    /// Throws: `KeyFileError` with the number of a line that is not `key = "value"`, or that says a key
    /// again.
    static func fields(
        _ bytes: UnsafeRawBufferPointer, _ path: String
    ) throws(KeyFileError) -> [String: Slice<UnsafeRawBufferPointer>] {
        var fields: [String: Slice<UnsafeRawBufferPointer>] = [:]
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let line = trimmed(line)
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            guard let (key, value) = field(line) else {
                // Without the line itself: it may be a secret.
                throw KeyFileError(path, "has a line \(index + 1) that is not key = \"value\"")
            }
            guard fields.updateValue(value, forKey: key) == nil else {
                throw KeyFileError(path, "says \(key) twice, the second time in line \(index + 1)")
            }
        }
        return fields
    }

    private static func field(
        _ line: Slice<UnsafeRawBufferPointer>
    ) -> (String, Slice<UnsafeRawBufferPointer>)? {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let key = trimmed(line[..<equals])
        let quoted = trimmed(line[(equals + 1)...])
        let quote = UInt8(ascii: "\"")
        guard (1...32).contains(key.count), key.allSatisfy(isLetter), quoted.count >= 2,
            quoted.first == quote, quoted.last == quote
        else { return nil }
        let value = quoted.dropFirst().dropLast()
        guard value.allSatisfy({ $0 != quote && $0 != UInt8(ascii: "\\") && $0 >= 0x20 }) else {
            return nil
        }
        return (String(decoding: key, as: UTF8.self), value)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func trimmed(
        _ line: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let first = line.firstIndex(where: { !isBlank($0) }),
            let last = line.lastIndex(where: { !isBlank($0) })
        else { return line.prefix(0) }
        return line[first...last]
    }
}

/// `read(2)`, which a method of that name would hide.
func systemRead(_ file: Int32, _ memory: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, memory, count)
}
