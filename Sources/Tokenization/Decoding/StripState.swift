/// Takes a character away at the ends of a text that comes in parts.
struct StripState {
    private var taken = 0
    private var isPastStart = false
    /// How often the character came last; it may have to go.
    private var pending = 0
    private var content: [UInt8] = []

    /// The part, less what is taken away or held back. Parts are cut between characters.
    mutating func push(_ text: [UInt8], _ content: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
        self.content = content
        return text.withUnsafeBufferPointer { text in
            var index = 0
            while !isPastStart, index < text.count {
                guard taken < start, text.has(content, at: index) else {
                    isPastStart = true
                    break
                }
                taken += 1
                index += content.count
            }
            guard stop > 0 else { return Array(text[index...]) }
            return holdBack(text.part(index..<text.count))
        }
    }

    private mutating func holdBack(_ text: ValidUTF8) -> [UInt8] {
        var end = text.count
        while end >= content.count, text.has(content, at: end - content.count) {
            end -= content.count
        }
        let run = (text.count - end) / content.count
        if end == 0 {
            pending += run
            return []
        }
        defer { pending = run }
        return characters(pending) + text[..<end]
    }

    /// What is left of the text's end when `stop` characters at most go.
    func finish(_ stop: Int) -> [UInt8] { characters(max(0, pending - stop)) }

    private func characters(_ count: Int) -> [UInt8] {
        Array(repeatElement(content, count: count).joined())
    }
}
