/// The plain regular expressions that tokenizer files use outside the big pre-tokenizing patterns: one
/// kind of character, repeated (`\s+`, ` {2,}`, `[\r\n]`, `\p{N}{1,3}`).
///
/// Matching needs no going back, since what ends a run cannot be part of it.
struct RunPattern: Sendable, Hashable {
    /// What a character must be: any of these.
    struct Member: Sendable, Hashable {
        var scalars: ClosedRange<UInt32>?
        var classes: ScalarClasses.RawValue = 0
    }

    var members: [Member] = []
    var shortest = 1
    var longest = Int.max

    func firstMatch(in text: ValidUTF8, from start: Int) -> Range<Int>? {
        var index = start
        while index < text.count {
            let run = run(in: text, from: index)
            if run.length >= shortest { return index..<run.end }
            // The scalar after a run that was too short is no member; nothing can start in between.
            index = run.end + (run.end < text.count ? text.scalar(at: run.end).length : 0)
        }
        return nil
    }

    /// The run that starts at `start`, perhaps empty, in scalars and up to the longest.
    private func run(in text: ValidUTF8, from start: Int) -> (length: Int, end: Int) {
        var (length, index) = (0, start)
        while index < text.count, length < longest {
            let (value, size) = text.scalar(at: index)
            guard contains(value) else { break }
            length += 1
            index += size
        }
        return (length, index)
    }

    private func contains(_ value: UInt32) -> Bool {
        members.contains { member in
            member.scalars?.contains(value)
                ?? !ScalarTable.shared.all(of: value).isDisjoint(
                    with: .init(rawValue: member.classes))
        }
    }
}
