/// SentencePiece's `▁`, where no merge joins it to what stands before it (other than another `▁`): then
/// the words of a long piece are merged one by one, with the same result, and met again in the cache.
struct WordStart: Sendable {
    static let scalar: UInt32 = 0x2581
    private static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

    /// Calls `body` with the words of `piece`.
    func forEachWord(of piece: ValidUTF8, _ body: (ValidUTF8) -> Void) {
        var start = 0
        var afterMark = true
        var index = 0
        while index < piece.count {
            let isMark = piece[index] == Self.bytes[0] && piece.has(Self.bytes, at: index)
            if isMark, !afterMark {
                body(piece.part(start..<index))
                start = index
            }
            afterMark = isMark
            index += isMark ? Self.bytes.count : 1
        }
        if start < piece.count { body(piece.part(start..<piece.count)) }
    }

    /// Whether a merged token has the mark after something else.
    static func isCrossed(by token: [UInt8]) -> Bool {
        guard token.count > bytes.count, token.contains(bytes[0]) else { return false }
        return token.withUnsafeBufferPointer { token in
            var words = 0
            WordStart().forEachWord(of: token) { _ in words += 1 }
            return words > 1
        }
    }
}
