/// One word of the algorithm's configuration, as profiles, `[grpo]` tables and command lines say it.
public struct AlgorithmWord: Sendable {
    public let name: String
    /// What it may be, for messages: "one of mean, none", "a number".
    public let allowed: String
    private let read: @Sendable (AlgorithmSettings) -> WordValue?
    private let write: @Sendable (WordValue, inout AlgorithmSettings) -> Bool

    init(
        _ name: String, _ allowed: String,
        read: @escaping @Sendable (AlgorithmSettings) -> WordValue?,
        write: @escaping @Sendable (WordValue, inout AlgorithmSettings) -> Bool
    ) {
        self.name = name
        self.allowed = allowed
        self.read = read
        self.write = write
    }

    /// Its value; `nil`: not set.
    public func value(in settings: AlgorithmSettings) -> WordValue? { read(settings) }

    /// Throws `WordError.badValue`.
    public func set(
        _ value: WordValue, in settings: inout AlgorithmSettings
    ) throws(WordError) {
        guard write(value, &settings) else { throw .badValue(self.name, value, allowed: allowed) }
    }
}

/// A word that cannot be set so.
public enum WordError: Error, Hashable {
    case unknownWord(String)
    case badValue(String, WordValue, allowed: String)
    case unknownProfile(String)
}

extension WordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownWord(let name):
            "there is no word \"\(name)\"; the words are "
                + AlgorithmWord.all.map(\.name).joined(separator: ", ")
        case .badValue(let name, let value, let allowed): "\(name) must be \(allowed), not \(value)"
        case .unknownProfile(let name):
            "there is no profile \"\(name)\"; the profiles are "
                + Profile.all.map(\.name).joined(separator: ", ")
        }
    }
}

typealias SettingsPath<Value> = WritableKeyPath<AlgorithmSettings, Value> & Sendable

extension AlgorithmWord {
    static func word<Word: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any SettingsPath<Word>
    ) -> AlgorithmWord where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return AlgorithmWord(name, "one of \(words)") {
            .text($0[keyPath: path].rawValue)
        } write: { value, settings in
            guard case .text(let text) = value, let word = Word(rawValue: text) else { return false }
            settings[keyPath: path] = word
            return true
        }
    }

    static func optionalWord<Word: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: any SettingsPath<Word?>
    ) -> AlgorithmWord where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return AlgorithmWord(name, "one of \(words)") {
            $0[keyPath: path].map { .text($0.rawValue) }
        } write: { value, settings in
            guard case .text(let text) = value, let word = Word(rawValue: text) else { return false }
            settings[keyPath: path] = word
            return true
        }
    }

    static func number(_ name: String, _ path: any SettingsPath<Double>) -> AlgorithmWord {
        AlgorithmWord(name, "a number") {
            .number($0[keyPath: path])
        } write: { value, settings in
            guard case .number(let number) = value else { return false }
            settings[keyPath: path] = number
            return true
        }
    }

    /// A number that may be absent, which the word "none" says.
    static func optionalNumber(_ name: String, _ path: any SettingsPath<Double?>) -> AlgorithmWord {
        AlgorithmWord(name, "a number or none") {
            $0[keyPath: path].map { .number($0) }
        } write: { value, settings in
            switch value {
            case .number(let number): settings[keyPath: path] = number
            case .text("none"): settings[keyPath: path] = nil
            default: return false
            }
            return true
        }
    }

    static func flag(_ name: String, _ path: any SettingsPath<Bool>) -> AlgorithmWord {
        AlgorithmWord(name, "true or false") {
            .flag($0[keyPath: path])
        } write: { value, settings in
            guard case .flag(let flag) = value else { return false }
            settings[keyPath: path] = flag
            return true
        }
    }

    static func count(_ name: String, _ path: any SettingsPath<Int>) -> AlgorithmWord {
        AlgorithmWord(name, "a whole number above 0") {
            .number(Double($0[keyPath: path]))
        } write: { value, settings in
            guard case .number(let number) = value, let count = Int(exactly: number), count > 0
            else { return false }
            settings[keyPath: path] = count
            return true
        }
    }

    static func optionalCount(_ name: String, _ path: any SettingsPath<Int?>) -> AlgorithmWord {
        AlgorithmWord(name, "a whole number above 0, or none") {
            $0[keyPath: path].map { .number(Double($0)) }
        } write: { value, settings in
            if value == "none" {
                settings[keyPath: path] = nil
                return true
            }
            guard case .number(let number) = value, let count = Int(exactly: number), count > 0
            else { return false }
            settings[keyPath: path] = count
            return true
        }
    }
}
