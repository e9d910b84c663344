internal import GRPO

/// What our side makes of a value: whether it is accepted, and what would hold without it.
struct ImportTarget {
    let key: SettingKey
    private let setting: Setting?
    private let word: AlgorithmWord?

    init(_ key: String) {
        self.key = SettingKey(key)
        setting = Setting.named(self.key)
        word = self.key.table == "grpo" ? try? AlgorithmWord.named(self.key.name) : nil
    }

    /// The value in the key's own type. Throws a sentence.
    func accept(_ value: ImportRule.Value) throws(ImportObstacle) -> ImportRule.Value {
        guard case .one(let one) = value else { return value }
        if let word, let wordValue = Self.wordValue(one) {
            var settings = AlgorithmSettings()
            do throws(WordError) {
                try word.set(wordValue, in: &settings)
            } catch {
                throw ImportObstacle("\(error)")
            }
        }
        guard let setting, !isOfWords else { return value }
        do throws(SettingFault) {
            return .one(try setting.allowed.accept(one))
        } catch {
            throw ImportObstacle(setting.complaint(error, one))
        }
    }

    /// What holds where the key is not stated and the profile is `profile`.
    func holds(_ value: ImportRule.Value, under profile: AlgorithmSettings) -> Bool {
        guard case .one(let one) = value else { return false }
        if let word, let stated = word.value(in: profile) { return stated == Self.wordValue(one) }
        if word != nil, setting == nil { return one == .text("none") }
        return setting?.defaultValue == one
    }

    /// Whether the configuration reader judges the value alone, so that it may judge it with others.
    func isSetting(_ value: ImportRule.Value) -> Bool {
        guard case .one = value else { return false }
        return setting != nil && !isOfWords
    }

    /// Words of the algorithm are checked as such.
    private var isOfWords: Bool {
        if case .words = setting?.allowed { word != nil } else { false }
    }

    private static func wordValue(_ value: SettingValue) -> WordValue? {
        switch value {
        case .boolean(let flag): .flag(flag)
        case .integer(let whole): .number(Double(whole))
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        case .unsupported: nil
        }
    }
}
