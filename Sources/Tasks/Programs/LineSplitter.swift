/// Cuts a stream of bytes into lines of bounded length.
struct LineSplitter {
    /// A line longer than this has no end that would be waited for; bytes.
    static let lineBytesMax = 1 << 20

    private var rest: [UInt8] = []
    private var isLost = false

    enum Piece: Hashable, Sendable {
        /// Without its line end.
        case line([UInt8])
        /// Nothing follows it: where the next line would begin is not known.
        case tooLong
    }

    /// The lines that `bytes` complete.
    mutating func add(_ bytes: some Collection<UInt8>) -> [Piece] {
        guard !isLost else { return [] }
        var pieces: [Piece] = []
        var bytes = bytes[...]
        while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
            guard take(bytes[..<end]) else { return pieces + [.tooLong] }
            pieces.append(.line(rest))
            rest = []
            bytes = bytes[bytes.index(after: end)...]
        }
        return take(bytes) ? pieces : pieces + [.tooLong]
    }

    private mutating func take(_ bytes: some Collection<UInt8>) -> Bool {
        rest += bytes
        isLost = rest.count > Self.lineBytesMax
        if isLost { rest = [] }
        return !isLost
    }
}
