/// How normalised text is cut into the pieces that the model sees one by one.
struct PreTokenizer: Sendable {
    enum Split: Sendable, Hashable {
        /// By one of the known patterns.
        case scanner(SplitScanner)
        /// Every occurrence of a literal text becomes a piece of its own.
        case literal([UInt8])
    }

    private(set) var splits: [Split] = []
    /// Whether bytes stand for themselves as printable characters (`ByteLevel`).
    private(set) var isByteLevel = false
    private(set) var addsPrefixSpace = false

    init(_ settings: SettingsReader?) throws(TokenizerError) {
        if let settings { try add(settings) }
    }

    private mutating func add(_ settings: SettingsReader) throws(TokenizerError) {
        let type = try settings.string("type")
        switch type {
        case "Sequence":
            for part in try settings.objects("pretokenizers") { try add(part) }
        case "Split": try addSplit(settings)
        case "ByteLevel": try addByteLevel(settings)
        default: throw settings.error(.unsupported(part: settings.path, name: type))
        }
    }

    private mutating func addByteLevel(_ settings: SettingsReader) throws(TokenizerError) {
        guard !isByteLevel else {
            throw settings.error(.unsupported(part: settings.path, name: "a second ByteLevel"))
        }
        isByteLevel = true
        addsPrefixSpace = try settings.flag("add_prefix_space", default: true)
        // The space would go before every piece, not before the text.
        guard !addsPrefixSpace || splits.isEmpty else {
            throw settings.error(
                .unsupported(part: settings.path, name: "add_prefix_space after a Split"))
        }
        if try settings.flag("use_regex", default: true) { splits.append(.scanner(.gpt2)) }
    }

    private mutating func addSplit(_ settings: SettingsReader) throws(TokenizerError) {
        func refuse(_ name: String) -> TokenizerError {
            settings.error(.unsupported(part: settings.path, name: name))
        }
        guard !isByteLevel else { throw refuse("Split after ByteLevel") }
        let behavior = try settings.string("behavior")
        let inverted = try settings.flag("invert", default: false)
        guard let pattern = try settings.object("pattern") else {
            throw settings.error(.missing(key: settings.key("pattern")))
        }
        if let literal = try pattern.optionalString("String") {
            guard behavior == "Isolated", !inverted, !literal.isEmpty else {
                throw refuse("Split of a String with behavior \(behavior), invert \(inverted)")
            }
            return splits.append(.literal(Array(literal.utf8)))
        }
        let regex = try pattern.string("Regex")
        guard let scanner = SplitScanner(pattern: regex) else {
            throw refuse("Split with the pattern \(regex)")
        }
        // The known patterns match every character, so keeping the matches and dropping the rest
        // (Removed, inverted) is the same as isolating them.
        guard behavior == "Isolated" || behavior == "Removed" && inverted else {
            throw refuse("Split with behavior \(behavior), invert \(inverted)")
        }
        splits.append(.scanner(scanner))
    }

    /// Calls `body` with each piece of `bytes[range]`, in order.
    func forEachPiece(of bytes: [UInt8], in range: Range<Int>, _ body: (Range<Int>) -> Void) {
        forEachPiece(of: bytes, in: range, splits[...], body)
    }

    private func forEachPiece(
        of bytes: [UInt8], in range: Range<Int>, _ splits: ArraySlice<Split>,
        _ body: (Range<Int>) -> Void
    ) {
        guard let split = splits.first else { return body(range) }
        var start = range.lowerBound
        while start < range.upperBound {
            let end = Self.pieceEnd(split, bytes, from: start, to: range.upperBound)
            forEachPiece(of: bytes, in: start..<end, splits.dropFirst(), body)
            start = end
        }
    }

    private static func pieceEnd(_ split: Split, _ bytes: [UInt8], from start: Int, to end: Int)
        -> Int
    {
        switch split {
        case .scanner(let scanner):
            return scanner.nextEnd(in: bytes, from: start, to: end)
        case .literal(let text):
            var index = start
            while index < end {
                if bytes[index..<end].starts(with: text) {
                    return index == start ? index + text.count : index
                }
                index += 1
            }
            return end
        }
    }
}
