/// Numbers and strings.
extension TemplateLexer {
    mutating func number() throws(TemplateError) -> TemplateToken.Kind {
        let start = index
        var isDouble = false
        skipDigits()
        // A dot belongs to the number only before a digit: `1.x` is an attribute.
        if index + 1 < source.count, source[index] == ".", ("0"..."9").contains(source[index + 1]) {
            isDouble = true
            index += 1
            skipDigits()
        }
        isDouble = skipExponent() || isDouble
        let digits = text(source[start..<index]).filter { $0 != "_" }
        if isDouble, let value = Double(digits) { return .double(value) }
        guard !isDouble, let value = Int(digits) else {
            throw fault("the number \(digits) is too large")
        }
        return .int(value)
    }

    /// `e`, a sign, digits.
    private mutating func skipExponent() -> Bool {
        guard index < source.count, source[index] == "e" || source[index] == "E" else {
            return false
        }
        var ahead = index + 1
        if ahead < source.count, source[ahead] == "+" || source[ahead] == "-" { ahead += 1 }
        guard ahead < source.count, ("0"..."9").contains(source[ahead]) else { return false }
        index = ahead
        skipDigits()
        return true
    }

    private mutating func skipDigits() {
        while index < source.count, ("0"..."9").contains(source[index]) || source[index] == "_" {
            index += 1
        }
    }

    mutating func string(quote: Unicode.Scalar) throws(TemplateError) -> String {
        var result = ""
        index += 1
        while index < source.count, source[index] != quote {
            if source[index] == "\\" {
                result.unicodeScalars.append(contentsOf: try escape())
            } else {
                result.unicodeScalars.append(source[index])
                advance()
            }
        }
        guard index < source.count else { throw fault("the string has no end") }
        index += 1
        return result
    }

    /// Python's escapes; unknown ones stay as they are.
    private mutating func escape() throws(TemplateError) -> [Unicode.Scalar] {
        index += 1
        guard index < source.count else { throw fault("the string has no end") }
        let scalar = source[index]
        advance()
        switch scalar {
        case "\n": return []
        case "\\", "'", "\"": return [scalar]
        case "n": return ["\n"]
        case "t": return ["\t"]
        case "r": return ["\r"]
        case "a": return ["\u{7}"]
        case "b": return ["\u{8}"]
        case "f": return ["\u{C}"]
        case "v": return ["\u{B}"]
        case "x": return [try code(digits: 2, radix: 16)]
        case "u": return [try code(digits: 4, radix: 16)]
        case "U": return [try code(digits: 8, radix: 16)]
        case "0"..."7":
            index -= 1
            var count = 1
            while count < 3, index + count < source.count,
                ("0"..."7").contains(source[index + count])
            {
                count += 1
            }
            return [try code(digits: count, radix: 8)]
        default: return ["\\", scalar]
        }
    }

    private mutating func code(digits: Int, radix: Int) throws(TemplateError) -> Unicode.Scalar {
        guard index + digits <= source.count,
            let value = UInt32(text(source[index..<index + digits]), radix: radix),
            let scalar = Unicode.Scalar(value)
        else { throw fault("bad escape in a string") }
        index += digits
        return scalar
    }
}
