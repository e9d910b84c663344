/// What a key is listed under: 1 to 100 letters, digits and `. _ -`, the first a letter or digit. It is
/// the name of a file, and of a worker, in which `@` stands between it and a number.
enum KeyIdentity {
    static let bytesMax = 100

    static func isValid(_ name: some StringProtocol) -> Bool {
        guard (1...bytesMax).contains(name.utf8.count) else { return false }
        return name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): index > 0
            default: false
            }
        }
    }
}
