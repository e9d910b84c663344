/// What `Replace` and `Split` look for: a text as it stands, or one of the plain regular expressions.
enum TextPattern: Sendable {
    case literal([UInt8])
    case runs(RunPattern)

    /// The first match that starts at `start` or later and ends by the end of `text`.
    func firstMatch(in text: ValidUTF8, from start: Int) -> Range<Int>? {
        switch self {
        case .literal(let literal):
            var index = start
            while index + literal.count <= text.count {
                if text.has(literal, at: index) { return index..<index + literal.count }
                index += 1
            }
            return nil
        case .runs(let pattern): return pattern.firstMatch(in: text, from: start)
        }
    }

    /// Whether a match can never reach from one scalar into the next.
    var isOneScalar: Bool {
        guard case .literal(let literal) = self else { return false }
        return ValidUTF8.scalarCount(literal) == 1
    }

    /// `text` with every match replaced, from the left.
    func replacing(in text: [UInt8], with content: [UInt8]) -> [UInt8] {
        text.withUnsafeBufferPointer { text in
            guard var match = firstMatch(in: text, from: 0) else { return Array(text) }
            var result: [UInt8] = []
            result.reserveCapacity(text.count + text.count / 2)
            var done = 0
            while true {
                result.append(contentsOf: text[done..<match.lowerBound])
                result.append(contentsOf: content)
                done = match.upperBound
                guard let next = firstMatch(in: text, from: done) else { break }
                match = next
            }
            result.append(contentsOf: text[done...])
            return result
        }
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    static func scalarCount(_ bytes: [UInt8]) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
}

extension TextPattern {
    /// Reads `{"String": …}` or `{"Regex": …}`. Throws for an expression that is not understood, and for
    /// an empty text, which matches nowhere and everywhere. `type` names the part in errors.
    init(_ settings: SettingsReader, named type: String) throws(TokenizerError) {
        guard let pattern = try settings.object("pattern") else {
            throw settings.error(.missing(key: settings.key("pattern")))
        }
        func refuse(_ name: String) -> TokenizerError {
            settings.error(.unsupported(part: settings.path, name: "\(type) \(name)"))
        }
        if let literal = try pattern.optionalString("String") {
            guard !literal.isEmpty else { throw refuse("with an empty pattern") }
            self = .literal(Array(literal.utf8))
            return
        }
        let expression = try pattern.string("Regex")
        guard let runs = RunPattern(expression) else {
            throw refuse("with the pattern \(expression)")
        }
        self = .runs(runs)
    }
}
