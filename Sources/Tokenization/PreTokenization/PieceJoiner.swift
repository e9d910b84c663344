/// Joins matches and the text between them into pieces, as a behaviour wants it.
struct PieceJoiner {
    let behavior: PieceCutter.Behavior
    /// The piece that what comes next may still belong to.
    private var open: Range<Int>?
    private var openIsMatch = false

    init(behavior: PieceCutter.Behavior) { self.behavior = behavior }

    /// Parts come in order and are not empty.
    mutating func add(_ range: Range<Int>, _ isMatch: Bool, _ body: (Range<Int>) -> Void) {
        switch behavior {
        case .removed: if !isMatch { body(range) }
        case .isolated: body(range)
        default:
            if let piece = open, joins(isMatch) {
                open = piece.lowerBound..<range.upperBound
            } else {
                finish(body)
                open = range
            }
            openIsMatch = isMatch
        }
    }

    /// Whether the next part belongs to the open piece. Of several matches in a row, only the one beside
    /// the text is merged with it.
    private func joins(_ isMatch: Bool) -> Bool {
        switch behavior {
        case .contiguous: isMatch == openIsMatch
        case .mergedWithPrevious: isMatch && !openIsMatch
        case .mergedWithNext: !isMatch && openIsMatch
        case .removed, .isolated: false
        }
    }

    mutating func finish(_ body: (Range<Int>) -> Void) {
        if let piece = open { body(piece) }
        open = nil
    }
}
