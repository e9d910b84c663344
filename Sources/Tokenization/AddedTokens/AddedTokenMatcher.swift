/// Finds added tokens in text: leftmost, longest first, through one trie, so that the cost does not grow
/// with the number of tokens.
struct AddedTokenMatcher: Sendable {
    /// A stretch of text: a token, or (`nil`) text between tokens.
    struct Stretch: Sendable {
        var token: Int32?
        var range: Range<Int>
    }

    private let tokens: [AddedToken]
    /// (trie node, byte) → (child node, index of the token that ends there + 1, or 0).
    private var edges = PairTable(expecting: 16)
    /// Whether a token starts with this byte: rules out nearly every place at once.
    private var startsToken = [Bool](repeating: false, count: 256)

    init(_ tokens: [(token: AddedToken, text: [UInt8])]) {
        self.tokens = tokens.map(\.token)
        var trie = TrieBuilder()
        for (index, entry) in tokens.enumerated() where !entry.text.isEmpty {
            startsToken[Int(entry.text[0])] = true
            trie.add(entry.text, index)
        }
        edges = trie.edges()
    }

    var isEmpty: Bool { edges.count == 0 }

    /// Cuts the whole of `bytes` (valid UTF-8) into tokens and text between.
    func stretches(of bytes: [UInt8]) -> [Stretch] {
        bytes.withUnsafeBufferPointer { stretches(of: $0) }
    }

    private func stretches(of bytes: ValidUTF8) -> [Stretch] {
        guard !isEmpty else { return [Stretch(token: nil, range: 0..<bytes.count)] }
        var result: [Stretch] = []
        var done = 0
        var index = 0
        while index < bytes.count {
            guard startsToken[Int(bytes[index])], let match = longestMatch(in: bytes, at: index)
            else {
                index += 1
                continue
            }
            let token = tokens[match.token]
            if !token.isSingleWord || standsAlone(index..<match.end, in: bytes) {
                let range = widened(index..<match.end, token, in: bytes, after: done)
                if done < range.lowerBound {
                    result.append(Stretch(token: nil, range: done..<range.lowerBound))
                }
                result.append(Stretch(token: token.id, range: range))
                done = range.upperBound
            }
            index = match.end
        }
        if done < bytes.count { result.append(Stretch(token: nil, range: done..<bytes.count)) }
        return result
    }

    private func longestMatch(in bytes: ValidUTF8, at start: Int) -> (token: Int, end: Int)? {
        var node: UInt32 = 0
        var best: (token: Int, end: Int)?
        for index in start..<bytes.count {
            guard let (child, token) = edges[node, UInt32(bytes[index])] else { break }
            if token > 0 { best = (Int(token) - 1, index + 1) }
            node = child
        }
        return best
    }

    private func standsAlone(_ range: Range<Int>, in bytes: ValidUTF8) -> Bool {
        if range.lowerBound > 0,
            isWord(bytes.scalar(before: range.lowerBound).value)
        {
            return false
        }
        return range.upperBound == bytes.count
            || !isWord(bytes.scalar(at: range.upperBound).value)
    }

    /// The match with the white space that it takes along; never before `done` on the left.
    private func widened(
        _ range: Range<Int>, _ token: AddedToken, in bytes: ValidUTF8, after done: Int
    ) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while token.stripsLeft, start > 0 {
            let (value, length) = bytes.scalar(before: start)
            guard ScalarTable.shared.all(of: value).contains(.space) else { break }
            start -= length
        }
        if token.stripsLeft { start = max(start, done) }
        while token.stripsRight, end < bytes.count {
            let (value, length) = bytes.scalar(at: end)
            guard ScalarTable.shared.all(of: value).contains(.space) else { break }
            end += length
        }
        return start..<max(start, end)
    }

    private func isWord(_ value: UInt32) -> Bool {
        ScalarTable.shared.all(of: value).contains(.word)
    }
}
