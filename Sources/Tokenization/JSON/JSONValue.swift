/// A JSON document as it was written: members in order, numbers as their own digits, so that nothing is
/// lost between a data row and the reward that reads it.
///
/// Strings compare by their scalars here, never by Swift's canonical equivalence: a vocabulary holds
/// "é" in both spellings as different tokens.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The literal, e.g. `-1.50e3`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])
}

package struct JSONMember: Sendable {
    package var key: String
    package var value: JSONValue

    package init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}

extension JSONValue {
    /// The member named `key`; the last one if there are several, as other readers have it.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { sameScalars($0.key, key) }?.value
    }

    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    package var members: [JSONMember]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The number, where it is written as an integer and fits.
    package var integer: Int? {
        if case .number(let literal) = self { Int(literal) } else { nil }
    }

    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// What kind of value it is, for messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Equality by Unicode scalars; `==` on `String` would also call canonically equivalent texts equal.
package func sameScalars(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
}
