/// What one call of `encode` keeps while it goes through the text.
struct EncodingSession {
    private let model: BytePairModel
    private var merger = PairMerger()
    /// Only for texts long enough to repay setting it up.
    private var cache: PieceCache?
    var ids: [Int32] = []

    init(model: BytePairModel, expectingBytes count: Int) {
        self.model = model
        ids.reserveCapacity(count / 3)
        if count > 1 << 14 { cache = PieceCache() }
    }

    var droppedCharacters: Int { merger.dropped }

    /// Appends the ids of one piece, which is not empty.
    mutating func encode(_ piece: ValidUTF8) {
        guard let wordStart = model.wordStart else { return encodeWord(piece) }
        wordStart.forEachWord(of: piece) { encodeWord($0) }
    }

    private mutating func encodeWord(_ piece: ValidUTF8) {
        guard cache != nil, piece.count <= PieceCache.longestPiece else {
            return model.encode(piece, with: &merger, to: &ids)
        }
        let hash = ByteHash.of(piece)
        if cache!.append(piece, hash: hash, to: &ids) { return }
        let start = ids.count
        let dropped = merger.dropped
        model.encode(piece, with: &merger, to: &ids)
        // A piece with losses is not kept: each time counts.
        if merger.dropped == dropped { cache!.insert(piece, hash: hash, ids: ids[start...]) }
    }
}
