/// Text for measuring tokenizers: the same at every call, with words as unequally frequent as in real
/// text, numbers, lines of code, and scripts other than Latin.
struct MixedText {
    private var state: UInt64 = 1
    private let words: [String]

    init() {
        var generator = MixedText(words: [])
        self.init(words: generator.makeWords(20_000))
    }

    private init(words: [String]) { self.words = words }

    /// At least `count` bytes of text.
    mutating func text(bytes count: Int) -> String {
        var text = ""
        while text.utf8.count < count { text += line() + "\n" }
        return text
    }

    private mutating func line() -> String {
        switch number(below: 10) {
        case 0:
            let name = word()
            return
                "    let \(name)\(number(below: 100)) = \(word())[\(number(below: 5_000))] + \"\(word())\"  // \(word())"
        case 1: return sentence { $0.foreignWord() }
        default:
            return sentence {
                $0.number(below: 25) == 0 ? "\($0.number(below: 10_000))" : $0.word()
            }
        }
    }

    private mutating func sentence(of next: (inout MixedText) -> String) -> String {
        let parts = (0..<8 + number(below: 12)).map { _ in
            next(&self) + (number(below: 9) == 0 ? "," : "")
        }
        return parts.joined(separator: " ") + "."
    }

    /// Frequent words come first in the list: the square of an even distribution favours them.
    private mutating func word() -> String {
        let place = Double(number(below: 1 << 20)) / Double(1 << 20)
        return words[Int(place * place * place * Double(words.count))]
    }

    private mutating func foreignWord() -> String {
        let start: UInt32 = [0x430, 0x4E00, 0x3B1, 0x905][number(below: 4)]
        var word = ""
        for _ in 0..<2 + number(below: 6) {
            word.unicodeScalars.append(Unicode.Scalar(start + UInt32(number(below: 24)))!)
        }
        return word
    }

    private mutating func makeWords(_ count: Int) -> [String] {
        let syllables = [
            "th", "e", "in", "er", "an", "re", "on", "at", "en", "ti", "st", "or", "al", "is",
            "con", "ly",
        ]
        return (0..<count).map { _ in
            (0..<1 + number(below: 4)).map { _ in syllables[number(below: syllables.count)] }
                .joined()
        }
    }

    private mutating func number(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
