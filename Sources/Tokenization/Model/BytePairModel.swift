/// The byte-pair encoding of one piece of text: vocabulary, merges, and what to do with characters that
/// the vocabulary lacks.
struct BytePairModel: Sendable {
    let vocabulary: TokenTable
    /// (left id, right id) → (rank, id of the merged token).
    let merges: PairTable
    let unknown: Int32?
    let fusesUnknown: Bool
    let isByteLevel: Bool
    /// Where a piece is looked up whole before it is merged (`ignore_merges`): bytes → token.
    let wholePieces: TokenTable?
    let symbols: SymbolTable
    /// Where pieces may be cut without a change of the result.
    let wordStart: WordStart?

    /// Appends the ids of `piece` to `ids`.
    func encode(_ piece: ValidUTF8, with merger: inout PairMerger, to ids: inout [Int32]) {
        if let id = wholePieces?[piece] { return ids.append(id) }
        merger.reset()
        var pendingUnknown = false
        if isByteLevel {
            appendBytes(of: piece, &pendingUnknown, &merger)
        } else {
            appendScalars(of: piece, &pendingUnknown, &merger)
        }
        if pendingUnknown, let unknown { merger.append(unknown) }
        merger.merge(by: merges)
        merger.write(to: &ids)
    }

    private func appendBytes(
        of piece: ValidUTF8, _ pendingUnknown: inout Bool, _ merger: inout PairMerger
    ) {
        for byte in piece {
            let id = symbols.ofByte[Int(byte)]
            if id >= 0 {
                append(id, after: &pendingUnknown, to: &merger)
            } else {
                let text = Array(String(ByteAlphabet.scalars[Int(byte)]).utf8)
                text.withUnsafeBufferPointer { appendMissing($0, &pendingUnknown, &merger) }
            }
        }
    }

    private func appendScalars(
        of piece: ValidUTF8, _ pendingUnknown: inout Bool, _ merger: inout PairMerger
    ) {
        var index = 0
        while index < piece.count {
            let (value, length) = piece.scalar(at: index)
            if let id = symbols.token(ofScalar: value) {
                append(id, after: &pendingUnknown, to: &merger)
            } else {
                appendMissing(piece.part(index..<index + length), &pendingUnknown, &merger)
            }
            index += length
        }
    }

    @inline(__always)
    private func append(
        _ id: Int32, after pendingUnknown: inout Bool, to merger: inout PairMerger
    ) {
        if pendingUnknown, let unknown { merger.append(unknown) }
        pendingUnknown = false
        merger.append(id)
    }

    /// A character without a token: its bytes as `<0xXX>` tokens if all are there, else the unknown
    /// token, else nothing. The order of fallback bytes and a pending unknown token is the reference's
    /// (tokenizers, `models/bpe/model.rs`, `merge_word`).
    private func appendMissing(
        _ text: ValidUTF8, _ pendingUnknown: inout Bool, _ merger: inout PairMerger
    ) {
        if let tokens = symbols.fallback(for: text) {
            for token in tokens { merger.append(token) }
            return
        }
        guard let unknown else {
            merger.dropped += 1
            return
        }
        if pendingUnknown && !fusesUnknown { merger.append(unknown) }
        pendingUnknown = true
    }
}
