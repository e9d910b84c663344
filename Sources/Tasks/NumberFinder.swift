/// Finds the number that a text gives as its answer.
///
/// A number is digits, perhaps with a sign, a decimal part, and commas before groups of three digits.
/// Where the text has `####` (GSM8K's convention), the first number after the last one counts; else,
/// where it has `\boxed{…}`, the last number in the last box; else the last number of the text. A sign
/// is taken for an operator when it follows a digit, a letter or a closing bracket.
enum NumberFinder {
    static func number(in text: String) -> ExactDecimal? {
        let bytes = Array(text.replacing("\u{2212}", with: "-").utf8)
        if let mark = lastIndex(of: "####", in: bytes) {
            return numbers(in: bytes[(mark + 4)...]).first
        }
        if let box = lastIndex(of: "\\boxed{", in: bytes) {
            let start = box + 7
            return numbers(in: bytes[start..<closingBrace(in: bytes, from: start)]).last
        }
        return numbers(in: bytes[...]).last
    }

    private static func lastIndex(of mark: String, in bytes: [UInt8]) -> Int? {
        let wanted = Array(mark.utf8)
        guard bytes.count >= wanted.count else { return nil }
        return (0...bytes.count - wanted.count).last { bytes[$0...].starts(with: wanted) }
    }

    private static func closingBrace(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 1
        for index in start..<bytes.count {
            if bytes[index] == UInt8(ascii: "{") { depth += 1 }
            if bytes[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return bytes.count
    }

    private static func numbers(in bytes: ArraySlice<UInt8>) -> [ExactDecimal] {
        var result: [ExactDecimal] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard startsNumber(bytes, index) else {
                index += 1
                continue
            }
            var literal = isOperator(bytes, before: index) ? "" : sign(bytes, before: index)
            index = readNumber(bytes, from: index, into: &literal)
            if let number = ExactDecimal(literal) { result.append(number) }
        }
        return result
    }

    private static func isDigit(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index])
    }

    /// At a digit, or at the point of `.5`.
    private static func startsNumber(_ bytes: ArraySlice<UInt8>, _ index: Int) -> Bool {
        isDigit(bytes, index) || bytes[index] == UInt8(ascii: ".") && isDigit(bytes, index + 1)
    }

    /// The sign before a number, past a currency mark: `-5`, `-$5`, `$-5`.
    private static func sign(_ bytes: ArraySlice<UInt8>, before index: Int) -> String {
        signIndex(bytes, before: index).map { bytes[$0] == UInt8(ascii: "-") ? "-" : "" } ?? ""
    }

    private static func signIndex(_ bytes: ArraySlice<UInt8>, before index: Int) -> Int? {
        var place = index - 1
        if place >= bytes.startIndex, bytes[place] == UInt8(ascii: "$") { place -= 1 }
        guard place >= bytes.startIndex else { return nil }
        return bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+") ? place : nil
    }

    /// Whether the sign before a number joins it to what stands on its left, as in `3-5` and `x-5`.
    private static func isOperator(_ bytes: ArraySlice<UInt8>, before index: Int) -> Bool {
        guard let place = signIndex(bytes, before: index), place > bytes.startIndex else {
            return false
        }
        let left = bytes[place - 1]
        let isLetter = (0x61...0x7A).contains(left | 0x20)
        return isDigit(bytes, place - 1) || isLetter || left == UInt8(ascii: ")")
            || left == UInt8(ascii: "]")
    }

    /// Appends the digits from `start` and returns where they end.
    private static func readNumber(
        _ bytes: ArraySlice<UInt8>, from start: Int, into literal: inout String
    ) -> Int {
        var index = start
        func isGroup(_ at: Int) -> Bool {
            bytes[at] == UInt8(ascii: ",") && isDigit(bytes, at + 1) && isDigit(bytes, at + 2)
                && isDigit(bytes, at + 3) && !isDigit(bytes, at + 4)
        }
        while isDigit(bytes, index) {
            literal.unicodeScalars.append(Unicode.Scalar(bytes[index]))
            index += 1
        }
        let takesGroups = index > start && index - start <= 3
        while takesGroups, index < bytes.endIndex, isGroup(index) {
            for digit in bytes[(index + 1)...(index + 3)] {
                literal.unicodeScalars.append(Unicode.Scalar(digit))
            }
            index += 4
        }
        guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "."), isDigit(bytes, index + 1)
        else {
            return index
        }
        literal += "."
        index += 1
        while isDigit(bytes, index) {
            literal.unicodeScalars.append(Unicode.Scalar(bytes[index]))
            index += 1
        }
        return index
    }
}
