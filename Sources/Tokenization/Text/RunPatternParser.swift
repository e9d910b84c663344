extension RunPattern {
    /// `nil` for expressions of any other form.
    init?(_ expression: String) {
        var parser = Parser(rest: Array(expression.unicodeScalars)[...])
        guard let members = parser.members(), let bounds = parser.bounds(), parser.rest.isEmpty
        else { return nil }
        self.members = members
        (shortest, longest) = bounds
    }

    private struct Parser {
        var rest: ArraySlice<Unicode.Scalar>

        /// One character, one class such as `\s`, or a set of these in brackets.
        mutating func members() -> [Member]? {
            guard take("[") else { return member(inSet: false).map { [$0] } }
            guard rest.first != "^" else { return nil }
            var members: [Member] = []
            while !take("]") {
                guard let member = rangeOrMember() else { return nil }
                members.append(member)
            }
            return members.isEmpty ? nil : members
        }

        /// `a-z`, or something alone.
        private mutating func rangeOrMember() -> Member? {
            guard let first = member(inSet: true) else { return nil }
            guard rest.first == "-", rest.dropFirst().first != "]" else { return first }
            rest.removeFirst()
            guard let low = first.scalars, let high = member(inSet: true)?.scalars,
                low.lowerBound <= high.upperBound
            else { return nil }
            return Member(scalars: low.lowerBound...high.upperBound)
        }

        private mutating func member(inSet: Bool) -> Member? {
            guard let scalar = rest.popFirst() else { return nil }
            if scalar == "\\" { return escaped() }
            let special = inSet ? "[]^&-" : ".^$*+?()[]{}|"
            guard !special.unicodeScalars.contains(scalar) else { return nil }
            return Member(scalars: scalar.value...scalar.value)
        }

        private mutating func escaped() -> Member? {
            guard let scalar = rest.popFirst() else { return nil }
            switch scalar {
            case "s": return Member(classes: ScalarClasses.space.rawValue)
            case "n": return Member(scalars: 10...10)
            case "r": return Member(scalars: 13...13)
            case "t": return Member(scalars: 9...9)
            case "p":
                if take("{L}") { return Member(classes: ScalarClasses.letter.rawValue) }
                if take("{N}") { return Member(classes: ScalarClasses.number.rawValue) }
                return nil
            default:
                // A letter or digit would be something with a meaning.
                guard scalar.isASCII, !scalar.properties.isAlphabetic,
                    scalar.properties.numericType == nil
                else { return nil }
                return Member(scalars: scalar.value...scalar.value)
            }
        }

        /// `+`, `{n}`, `{n,}`, `{n,m}` or nothing.
        mutating func bounds() -> (Int, Int)? {
            if rest.isEmpty { return (1, 1) }
            if take("+") { return (1, .max) }
            guard take("{"), let low = number(), low > 0 else { return nil }
            if take("}") { return (low, low) }
            guard take(",") else { return nil }
            if take("}") { return (low, .max) }
            guard let high = number(), high >= low, take("}") else { return nil }
            return (low, high)
        }

        private mutating func number() -> Int? {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits.count < 6 ? Int(String(String.UnicodeScalarView(digits))) : nil
        }

        private mutating func take(_ text: String) -> Bool {
            guard rest.starts(with: text.unicodeScalars) else { return false }
            rest = rest.dropFirst(text.unicodeScalars.count)
            return true
        }
    }
}
