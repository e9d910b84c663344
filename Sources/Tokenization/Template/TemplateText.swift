/// Python's text operations, on scalars.
enum TemplateText {
    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    /// Byte offset of the first occurrence.
    static func firstIndex(of part: String, in text: String, from start: Int = 0) -> Int? {
        let (whole, wanted) = (Array(text.utf8), Array(part.utf8))
        return firstIndex(of: wanted, in: whole, from: start)
    }

    static func firstIndex(of wanted: [UInt8], in whole: [UInt8], from start: Int) -> Int? {
        guard let first = wanted.first else { return start }
        var index = start
        while index + wanted.count <= whole.count {
            if whole[index] == first, whole[index..<index + wanted.count].elementsEqual(wanted) {
                return index
            }
            index += 1
        }
        return nil
    }

    /// `text` cut at every `separator`, at most `limit` times (negative: no limit).
    static func split(_ text: String, by separator: String, limit: Int) -> [String] {
        let (whole, wanted) = (Array(text.utf8), Array(separator.utf8))
        var parts: [String] = []
        var start = 0
        while limit < 0 || parts.count < limit,
            let found = firstIndex(of: wanted, in: whole, from: start)
        {
            parts.append(String(decoding: whole[start..<found], as: UTF8.self))
            start = found + wanted.count
        }
        parts.append(String(decoding: whole[start...], as: UTF8.self))
        return parts
    }

    /// `text` cut at runs of white space.
    static func words(_ text: String, limit: Int) -> [String] {
        var parts: [String] = []
        var rest = Substring(text).unicodeScalars
        while true {
            rest = rest.drop(while: isPythonSpace)
            guard !rest.isEmpty else { return parts }
            if limit >= 0, parts.count == limit {
                parts.append(strip(String(Substring(rest)), nil, left: false, right: true))
                return parts
            }
            let word = rest.prefix { !isPythonSpace($0) }
            parts.append(String(Substring(word)))
            rest = rest[word.endIndex...]
        }
    }

    /// Without the white space, or the scalars of `set`, at its ends.
    static func strip(_ text: String, _ set: String?, left: Bool, right: Bool) -> String {
        let unwanted = set.map { Set($0.unicodeScalars) }
        func drops(_ scalar: Unicode.Scalar) -> Bool {
            unwanted?.contains(scalar) ?? isPythonSpace(scalar)
        }
        var rest = Substring(text).unicodeScalars
        while left, let first = rest.first, drops(first) { rest.removeFirst() }
        while right, let last = rest.last, drops(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// As Python prints a float.
    static func float(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return "\(value)"
    }
}

/// What Python's `str.isspace` and `\s` call white space.
func isPythonSpace(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if value < 0x80 {
        return value == 0x20 || (9...13).contains(value) || (0x1C...0x1F).contains(value)
    }
    return scalar.properties.isWhitespace
}
