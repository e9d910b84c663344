/// How normalised text is cut into the pieces that the model sees one by one.
struct PreTokenizer: Sendable {
    enum Step: Sendable {
        /// By one of the known patterns, which match every character.
        case scanner(SplitScanner)
        case cutter(PieceCutter)
        /// A space before each piece that does not start with one.
        case prefixSpace
        case metaspace(Metaspace)
    }

    let steps: [Step]
    /// Whether bytes stand for themselves as printable characters (`ByteLevel`).
    let isByteLevel: Bool

    /// Whether the beginning of all text is treated as other beginnings are not.
    var marksFirstText: Bool {
        steps.contains { step in
            if case .metaspace(let metaspace) = step { metaspace.prefix == .first } else { false }
        }
    }

    /// Calls `body` with each piece of `text`, in order; none is empty. `startsInput`: whether the first
    /// scalar is the first of all that was given to be encoded.
    func forEachPiece(of text: ValidUTF8, startsInput: Bool, _ body: (ValidUTF8) -> Void) {
        forEachPiece(of: text, startsInput, steps[...], body)
    }

    private func forEachPiece(
        of text: ValidUTF8, _ startsInput: Bool, _ steps: ArraySlice<Step>,
        _ body: (ValidUTF8) -> Void
    ) {
        guard !text.isEmpty else { return }
        guard let step = steps.first else { return body(text) }
        let rest = steps.dropFirst()
        func pass(_ range: Range<Int>) {
            let piece = text.part(range)
            if rest.isEmpty { return body(piece) }
            forEachPiece(of: piece, startsInput && range.lowerBound == 0, rest, body)
        }
        switch step {
        case .scanner(let scanner): scanner.forEachPiece(of: text, pass)
        case .cutter(let cutter): cutter.forEachPiece(of: text, pass)
        case .prefixSpace where text[0] != UInt8(ascii: " "):
            ([UInt8(ascii: " ")] + text).withUnsafeBufferPointer {
                forEachPiece(of: $0, startsInput, rest, body)
            }
        case .prefixSpace: pass(0..<text.count)
        case .metaspace(let metaspace):
            metaspace.spelled(text, startsInput).withUnsafeBufferPointer { spelled in
                guard let cutter = metaspace.cutter else {
                    return forEachPiece(of: spelled, startsInput, rest, body)
                }
                cutter.forEachPiece(of: spelled) { range in
                    forEachPiece(
                        of: spelled.part(range), startsInput && range.lowerBound == 0, rest, body)
                }
            }
        }
    }
}
