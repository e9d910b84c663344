/// One JSON object on one line, its members in the order in which they are added.
struct JSONObjectText {
    private var members: [String] = []

    var isEmpty: Bool { members.isEmpty }
    var text: String { "{" + members.joined(separator: ",") + "}" }

    mutating func add(_ name: String, _ value: Int) { add(name, literal: String(value)) }
    mutating func add(_ name: String, _ value: UInt64) { add(name, literal: String(value)) }
    mutating func add(_ name: String, _ value: String) { add(name, literal: quotedString(value)) }
    mutating func add(_ name: String, _ value: JSONObjectText) { add(name, literal: value.text) }

    /// JSON has no infinities and no NaN; they become null.
    mutating func add(_ name: String, _ value: Double?) {
        add(name, literal: value.flatMap { $0.isFinite ? Self.literal($0) : nil } ?? "null")
    }

    mutating func add(_ name: String, flag: Bool) { add(name, literal: flag ? "true" : "false") }

    /// `list`: items as they stand in JSON.
    mutating func add(_ name: String, list: [String]) {
        add(name, literal: "[" + list.joined(separator: ",") + "]")
    }

    mutating func addNull(_ name: String) { add(name, literal: "null") }

    /// A number as it stands in JSON; null for infinities and NaN.
    static func number(_ value: Double) -> String { value.isFinite ? literal(value) : "null" }

    private mutating func add(_ name: String, literal: String) {
        members.append(quotedString(name) + ":" + literal)
    }

    /// The shortest digits that read back as the same number; whole numbers without ".0".
    private static func literal(_ value: Double) -> String {
        // −0 would lose its sign as an integer.
        let isNegativeZero = value == 0 && value.sign == .minus
        guard value.magnitude < 0x1p53, !isNegativeZero, let whole = Int64(exactly: value) else {
            return value.description
        }
        return String(whole)
    }
}
