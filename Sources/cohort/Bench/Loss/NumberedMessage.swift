/// A message of a kibibyte that carries its number.
enum NumberedMessage {
    private static let bytes = 1_024

    static func frame(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
            + [UInt8](repeating: 0, count: bytes - MemoryLayout<UInt64>.size)
    }

    /// `nil` for a frame that is not one of these.
    static func number(of frame: [UInt8]) -> UInt64? {
        guard frame.count == bytes else { return nil }
        return frame.prefix(MemoryLayout<UInt64>.size).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
