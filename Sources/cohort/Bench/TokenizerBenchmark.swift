import Tokenization

/// Bytes of text per second that one thread encodes, for text as it is and for texts made to be slow.
struct TokenizerBenchmark {
    let tokenizer: Tokenizer
    let rounds: Int

    func run(_ loads: [(name: String, text: String)]) -> TokenizerReport {
        TokenizerReport(rows: loads.map { measure($0.name, $0.text) })
    }

    /// Also a half of the text, next to the whole: twice the text must not take much more than twice the
    /// time.
    private func measure(_ name: String, _ text: String) -> TokenizerReport.Row {
        let half = String(decoding: Array(text.utf8.prefix(text.utf8.count / 2)), as: UTF8.self)
        var (whole, part): ([Double], [Double]) = ([], [])
        var tokens = 0
        for _ in 0..<rounds {
            part.append(seconds { _ = tokenizer.encode(half, addSpecialTokens: false) })
            whole.append(
                seconds { tokens = tokenizer.encode(text, addSpecialTokens: false).count })
        }
        return TokenizerReport.Row(
            name: name, bytes: text.utf8.count, tokens: tokens, seconds: Rounds(whole),
            halfSeconds: Rounds(part))
    }

    private func seconds(_ work: () -> Void) -> Double {
        ContinuousClock().measure(work) / .seconds(1)
    }

    /// Texts without anywhere to cut.
    static func hostileTexts(bytes count: Int) -> [(name: String, text: String)] {
        var state: UInt64 = 7
        let letters = (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(ascii: "a") + UInt8(truncatingIfNeeded: state >> 33) % 26
        }
        return [
            ("one letter", String(repeating: "a", count: count)),
            ("spaces", String(repeating: " ", count: count)),
            ("no space", String(decoding: letters, as: UTF8.self)),
        ]
    }
}
