package import Ports

/// A value on its way between a source (TOML, JSON, environment, command line) and a Swift
/// property.
package enum SettingValue: Hashable, Sendable {
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([SettingValue])
    /// Something no setting takes; the payload names it with its article, such as "an array".
    case unsupported(String)

    /// The value as TOML, which for these types is JSON too.
    package var literal: String {
        switch self {
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .text(let value): quotedString(value)
        case .list(let values): "[" + values.map(\.literal).joined(separator: ", ") + "]"
        case .unsupported(let kind): kind
        }
    }

    /// How an error message names the value: "the text "high"", "the integer 3".
    var described: String {
        switch self {
        case .boolean: "the boolean \(literal)"
        case .integer: "the integer \(literal)"
        case .number: "the number \(literal)"
        case .text: "the text \(literal)"
        case .list: "an array"
        case .unsupported(let kind): kind
        }
    }
}

/// A Swift type that a setting can have.
package protocol SettingRepresentable: Sendable {
    /// `nil`: a value of another type, or one that the type cannot hold.
    init?(settingValue: SettingValue)
    /// `nil`: not set.
    var settingValue: SettingValue? { get }
}

/// A setting whose values are a few fixed words.
package protocol SettingWord:
    SettingRepresentable, RawRepresentable<String>, CaseIterable, Hashable
{}

extension SettingWord {
    package init?(settingValue: SettingValue) {
        guard case .text(let word) = settingValue else { return nil }
        self.init(rawValue: word)
    }

    package var settingValue: SettingValue? { .text(rawValue) }
}

extension Bool: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        guard case .boolean(let value) = settingValue else { return nil }
        self = value
    }

    package var settingValue: SettingValue? { .boolean(self) }
}

extension Int: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        guard case .integer(let value) = settingValue else { return nil }
        self.init(exactly: value)
    }

    package var settingValue: SettingValue? { .integer(Int64(self)) }
}

extension UInt64: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        guard case .integer(let value) = settingValue else { return nil }
        self.init(exactly: value)
    }

    // TOML integers are signed, so the settings table keeps seeds below 2⁶³.
    package var settingValue: SettingValue? { .integer(Int64(clamping: self)) }
}

extension Double: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        switch settingValue {
        case .number(let value): self = value
        case .integer(let value): self.init(value)
        default: return nil
        }
    }

    package var settingValue: SettingValue? { .number(self) }
}

extension String: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        guard case .text(let value) = settingValue else { return nil }
        self = value
    }

    package var settingValue: SettingValue? { .text(self) }
}

extension Optional: SettingRepresentable where Wrapped: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        guard let value = Wrapped(settingValue: settingValue) else { return nil }
        self = .some(value)
    }

    package var settingValue: SettingValue? { flatMap(\.settingValue) }
}

/// A list of one is its element, in both directions: `name = "exact"`.
extension Array: SettingRepresentable where Element: SettingRepresentable {
    package init?(settingValue: SettingValue) {
        let items = if case .list(let items) = settingValue { items } else { [settingValue] }
        self = []
        for item in items {
            guard let element = Element(settingValue: item) else { return nil }
            append(element)
        }
    }

    package var settingValue: SettingValue? {
        let items = compactMap(\.settingValue)
        return items.count == 1 ? items[0] : .list(items)
    }
}

/// Its names are Transformers'.
extension TensorType: SettingWord {}
