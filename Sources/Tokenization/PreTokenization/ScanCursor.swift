/// One text being scanned.
struct ScanCursor {
    private let text: ValidUTF8
    private let table = ScalarTable.shared

    init(text: ValidUTF8) { self.text = text }

    /// `'s|'t|…` | `[^\r\n\p{L}\p{N}]?\p{L}+` | `\p{N}{1,n}` | ` ?[^\s\p{L}\p{N}]+[\r\n]*` |
    /// `\s*[\r\n]+` | `\s+(?!\S)` | `\s+`, in this order.
    func modernEnd(from start: Int, longestNumber: Int) -> Int {
        if let match = contractionEnd(at: start, foldsCase: true) { return match }
        let (first, length) = text.scalar(at: start)
        let kind = table.kind(of: first)
        let next = start + length
        if kind == .letter { return run(of: .letter, from: next) }
        if kind == .number { return numberEnd(from: next, left: longestNumber - 1) }
        let nextKind = classes(at: next)
        if !kind.contains(.newline), nextKind == .letter { return run(of: .letter, from: next) }
        if kind == [] || first == 0x20 && nextKind == [] {
            return run(of: .newline, from: run(of: [], from: next))
        }
        return spaceEnd(from: start, stopsAfterNewline: true)
    }

    /// `'s|'t|…` | ` ?\p{L}+` | ` ?\p{N}+` | ` ?[^\s\p{L}\p{N}]+` | `\s+(?!\S)` | `\s+`, in this order.
    func gpt2End(from start: Int) -> Int {
        if let match = contractionEnd(at: start, foldsCase: false) { return match }
        let (first, length) = text.scalar(at: start)
        let next = start + length
        let kind = first == 0x20 ? classes(at: next) ?? .space : table.kind(of: first)
        if kind.contains(.space) { return spaceEnd(from: start, stopsAfterNewline: false) }
        return run(of: kind, from: next)
    }

    /// The classes of the scalar at `index`, `nil` at the end.
    private func classes(at index: Int) -> ScalarClasses? {
        index < text.count ? table.kind(of: text.scalar(at: index).value) : nil
    }

    /// The end of the run of scalars of exactly this class; `.newline` means `[\r\n]`.
    private func run(of kind: ScalarClasses, from start: Int) -> Int {
        let wanted: ScalarClasses = kind == .newline ? [.space, .newline] : kind
        var index = start
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            guard table.kind(of: value) == wanted else { break }
            index += length
        }
        return index
    }

    private func numberEnd(from start: Int, left: Int) -> Int {
        var index = start
        var left = left
        while left > 0, classes(at: index) == .number {
            left -= 1
            index += text.scalar(at: index).length
        }
        return index
    }

    /// `\s*[\r\n]+` (if wanted) takes the run of white space up to its last line break; `\s+(?!\S)`
    /// leaves its last scalar to the word that follows; `\s+` takes what is left.
    private func spaceEnd(from start: Int, stopsAfterNewline: Bool) -> Int {
        var index = start
        var afterNewline: Int?
        var lastStart = start
        while index < text.count {
            let (value, length) = text.scalar(at: index)
            let kind = table.kind(of: value)
            guard kind.contains(.space) else { break }
            lastStart = index
            index += length
            if kind.contains(.newline) { afterNewline = index }
        }
        if stopsAfterNewline, let afterNewline { return afterNewline }
        return index == text.count || lastStart == start ? index : lastStart
    }

    /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`.
    private func contractionEnd(at start: Int, foldsCase: Bool) -> Int? {
        guard text[start] == UInt8(ascii: "'"), start + 1 < text.count else { return nil }
        let fold: UInt8 = foldsCase ? 0x20 : 0
        let first = text[start + 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
            return start + 2 < text.count && text[start + 2] | fold == second ? start + 3 : nil
        case 0xC5 | fold where foldsCase && text[start + 1] == 0xC5:
            // The long s, U+017F, is an s when case is folded.
            return start + 2 < text.count && text[start + 2] == 0xBF ? start + 3 : nil
        default: return nil
        }
    }
}
