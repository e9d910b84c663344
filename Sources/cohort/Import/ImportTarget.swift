/// What our side makes of a value: whether it is accepted, and what would hold without it.
struct ImportTarget {
    private let setting: Setting

    /// `key`: of a rule's targets, which are all settings.
    init(_ key: String) {
        guard let setting = Setting.named(SettingKey(key)) else {
            preconditionFailure("a rule sets \(key), which is no setting")
        }
        self.setting = setting
    }

    /// The value in the key's own type. Throws a sentence.
    func accept(_ value: ImportRule.Value) throws(ImportObstacle) -> ImportRule.Value {
        do throws(SettingFault) {
            return ImportRule.Value(try setting.allowed.accept(value.setting))
        } catch {
            throw ImportObstacle(setting.complaint(error, value.setting))
        }
    }

    /// Whether the key has this value in `configuration`.
    func holds(_ value: ImportRule.Value, in configuration: RunConfiguration) -> Bool {
        setting.value(in: configuration) == value.setting
    }
}

extension ImportRule.Value {
    fileprivate init(_ value: SettingValue) {
        if case .list(let items) = value { self = .list(items) } else { self = .one(value) }
    }

    fileprivate var setting: SettingValue {
        switch self {
        case .one(let value): value
        case .list(let items): .list(items)
        }
    }
}
