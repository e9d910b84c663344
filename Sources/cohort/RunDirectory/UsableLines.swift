/// Finds, while a file of JSON lines goes by, how much of it can be kept: its complete lines up to
/// the first one of a later step.
struct UsableLines {
    /// `nil`: lines of any step are kept.
    let lastStep: Int?
    /// Bytes to keep.
    private(set) var length = 0
    private var offset = 0
    /// The beginning of the current line.
    private var head: [UInt8] = []
    private var isFinished = false

    /// Enough for `{"step":` and any integer.
    private static let headBytesMax = 40

    init(lastStep: Int?) { self.lastStep = lastStep }

    mutating func take(_ piece: [UInt8]) {
        guard !isFinished else { return }
        for byte in piece {
            offset += 1
            if byte != UInt8(ascii: "\n") {
                if head.count < Self.headBytesMax { head.append(byte) }
                continue
            }
            if let lastStep, let step, step > lastStep {
                isFinished = true
                return
            }
            length = offset
            head.removeAll(keepingCapacity: true)
        }
    }

    /// Our rows begin with `{"step":`; `nil` for any other line.
    private var step: Int? {
        let prefix = Array(#"{"step":"#.utf8)
        guard head.starts(with: prefix) else { return nil }
        let digits = head.dropFirst(prefix.count).prefix { $0 != UInt8(ascii: ",") }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
