/// Cuts text at matches of something.
struct PieceCutter: Sendable {
    /// What is looked for.
    enum Target: Sendable {
        case pattern(TextPattern)
        case scalar(UInt32)
        /// Each scalar of these classes is a match of its own.
        case classes(ScalarClasses)
        /// `\w+|[^\w\s]+`
        case words
    }

    /// What becomes of a match, as `SplitDelimiterBehavior` of the `tokenizers` library names it.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        /// Neighbouring matches are one piece.
        case contiguous = "Contiguous"
    }

    let target: Target
    let behavior: Behavior
    /// What lies between matches counts as the match.
    let isInverted: Bool

    init(matching target: Target, _ behavior: Behavior, isInverted: Bool = false) {
        (self.target, self.behavior, self.isInverted) = (target, behavior, isInverted)
    }

    /// Calls `body` with the range of each piece; none is empty.
    func forEachPiece(of text: ValidUTF8, _ body: (Range<Int>) -> Void) {
        var joiner = PieceJoiner(behavior: behavior)
        forEachPart(of: text) { range, isMatch in
            joiner.add(range, isMatch != isInverted, body)
        }
        joiner.finish(body)
    }

    /// Matches and what lies between them, in order.
    private func forEachPart(of text: ValidUTF8, _ body: (Range<Int>, Bool) -> Void) {
        var (done, index) = (0, 0)
        while index < text.count, let match = nextMatch(in: text, from: index) {
            if done < match.lowerBound { body(done..<match.lowerBound, false) }
            body(match, true)
            done = match.upperBound
            index = done
        }
        if done < text.count { body(done..<text.count, false) }
    }

    private func nextMatch(in text: ValidUTF8, from start: Int) -> Range<Int>? {
        if case .pattern(let pattern) = target { return pattern.firstMatch(in: text, from: start) }
        let table = ScalarTable.shared
        var index = start
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            switch target {
            case .scalar(let wanted) where value == wanted: return index..<index + length
            case .classes(let wanted) where !table.all(of: value).isDisjoint(with: wanted):
                return index..<index + length
            case .words where !table.all(of: value).contains(.space) || isWord(value, table):
                return index..<wordEnd(in: text, from: index + length, isWord(value, table), table)
            default: index += length
            }
        }
        return nil
    }

    private func isWord(_ value: UInt32, _ table: ScalarTable) -> Bool {
        table.all(of: value).contains(.word)
    }

    /// The end of a run of scalars that are all part of words, or all neither that nor white space.
    private func wordEnd(
        in text: ValidUTF8, from start: Int, _ isWord: Bool, _ table: ScalarTable
    ) -> Int {
        var index = start
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            let classes = table.all(of: value)
            guard classes.contains(.word) == isWord, isWord || !classes.contains(.space) else {
                break
            }
            index += length
        }
        return index
    }
}
