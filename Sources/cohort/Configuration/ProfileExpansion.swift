internal import GRPO

extension ResolvedConfiguration {
    /// The defaults, and over them what the profile states.
    init(profile name: String) {
        self.init()
        guard let profile = try? Profile.named(name) else { return }
        configuration.grpo.profile = name
        for statement in profile.statements {
            let key = SettingKey(table: "grpo", name: statement.word)
            guard let setting = Setting.named(key) else {
                preconditionFailure("profile \(name): no setting for \(statement.word)")
            }
            do { try setting.assign(SettingValue(statement.value), to: &configuration) } catch {
                preconditionFailure("profile \(name): \(statement.word) = \(statement.value)")
            }
            origins[key] = .profile(name)
        }
    }
}

extension SettingValue {
    init(_ value: WordValue) {
        switch value {
        case .number(let number): self = .number(number)
        case .text(let text): self = .text(text)
        case .flag(let flag): self = .boolean(flag)
        }
    }
}

extension WordValue {
    /// `nil`: no word has such values.
    init?(_ value: SettingValue) {
        switch value {
        case .number(let number): self = .number(number)
        case .integer(let number): self = .number(Double(number))
        case .text(let text): self = .text(text)
        case .boolean(let flag): self = .flag(flag)
        case .list, .unsupported: return nil
        }
    }
}
