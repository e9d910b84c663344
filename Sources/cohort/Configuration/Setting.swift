/// One key of the configuration: the single source for decoding, checking, printing and documenting
/// it.
package struct Setting: Sendable {
    /// How the key relates to TRL's `GRPOConfig`.
    package enum Relation: Hashable, Sendable {
        /// Same name and meaning; the text says what differs, such as the default.
        case trl(String = "")
        /// TRL has no such key.
        case ours
    }

    /// Whether a run may go on with another value than it was started with.
    package enum Resume: Hashable, Sendable { case fixed, changeable }

    package let key: SettingKey
    package let allowed: AllowedValues
    package let relation: Relation
    package let resume: Resume
    package let help: String
    /// What it means that an optional setting is not set.
    package let absence: String?

    private let read: @Sendable (RunConfiguration) -> SettingValue?
    private let write: @Sendable (SettingValue, inout RunConfiguration) -> Bool

    init<Value: SettingRepresentable>(
        _ key: String, _ path: any WritableKeyPath<RunConfiguration, Value> & Sendable,
        _ allowed: AllowedValues, _ relation: Relation, resume: Resume = .fixed,
        absence: String? = nil, _ help: String
    ) {
        self.key = SettingKey(key)
        self.allowed = allowed
        self.relation = relation
        self.resume = resume
        self.help = help
        self.absence = absence
        read = { $0[keyPath: path].settingValue }
        write = { value, configuration in
            guard let value = Value(settingValue: value) else { return false }
            configuration[keyPath: path] = value
            return true
        }
    }

    /// A setting that is no property of the configuration.
    init(
        _ key: String, _ allowed: AllowedValues, _ relation: Relation, resume: Resume = .fixed,
        _ help: String, read: @escaping @Sendable (RunConfiguration) -> SettingValue?,
        write: @escaping @Sendable (SettingValue, inout RunConfiguration) -> Bool
    ) {
        self.key = SettingKey(key)
        self.allowed = allowed
        self.relation = relation
        self.resume = resume
        self.help = help
        self.read = read
        self.write = write
        absence = nil
    }

    /// A setting whose type lists its words.
    init<Word: SettingWord>(
        _ key: String, _ path: any WritableKeyPath<RunConfiguration, Word> & Sendable,
        _ relation: Relation, resume: Resume = .fixed, _ help: String
    ) {
        self.init(
            key, path, .words(Word.allCases.map(\.rawValue)), relation, resume: resume, help)
    }

    /// The value in `configuration`; `nil`: not set.
    package func value(in configuration: RunConfiguration) -> SettingValue? { read(configuration) }

    /// What holds where nobody says anything.
    package var defaultValue: SettingValue? { read(RunConfiguration()) }

    /// Checks `value` and puts it into `configuration`.
    func assign(
        _ value: SettingValue, to configuration: inout RunConfiguration
    ) throws(SettingFault) {
        guard write(try allowed.accept(value), &configuration) else { throw .outOfRange }
    }

    /// `value` as it stands in a TOML file; the words `true` and `false` are booleans there.
    func toml(_ value: SettingValue) -> String {
        if case .words = allowed, case .text(let word) = value, ["true", "false"].contains(word) {
            return word
        }
        return value.literal
    }

    /// A line that a reader can copy: `beta = 0.04`.
    var example: String {
        let value = defaultValue.flatMap { $0 == .list([]) ? nil : $0 } ?? allowed.sample
        return "\(key.name) = " + toml(value == .text("") ? .text("…") : value)
    }

    /// The sentence for a value that was not accepted.
    func complaint(_ fault: SettingFault, _ value: SettingValue) -> String {
        switch fault {
        case .wrongType:
            "\(key) must be \(allowed.typeName), not \(value.described); for example: \(example)"
        case .outOfRange:
            "\(key) must be \(allowed.described), not \(value.literal)"
        }
    }
}

extension Setting {
    /// Every key, in the order of the file.
    package static let all: [Setting] = run + model + data + reward + sft + grpo + cluster

    /// The tables, in the order of the file.
    package static let tables: [String] = all.reduce(into: []) { tables, setting in
        if tables.last != setting.key.table { tables.append(setting.key.table) }
    }

    private static let byVariable = Dictionary(
        uniqueKeysWithValues: all.map { ($0.key.environmentName, $0) })

    /// The setting of that environment variable.
    static func named(variable: String) -> Setting? { byVariable[variable] }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The setting of that key, or `nil` where there is none.
    package static func named(_ key: SettingKey) -> Setting? { byKey[key] }
}
