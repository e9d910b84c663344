/// Rules for one key that becomes one of ours.
extension ImportRule {
    /// `null`: `absent`, or nothing is said.
    static func number(
        _ path: String, _ standard: ForeignValue, to target: String, absent: SettingValue? = nil
    ) -> ImportRule {
        ImportRule([path: standard], to: target) { settings throws(ImportObstacle) in
            guard let number = try settings.optionalNumber(path) else {
                return Outcome(assignments: absent.map { [Assignment(target, $0)] } ?? [])
            }
            return Outcome(assignments: [Assignment(target, .number(number))])
        }
    }

    /// `null`: `absent`, or nothing is said.
    static func count(
        _ path: String, _ standard: ForeignValue, to target: String, absent: Int64? = nil
    ) -> ImportRule {
        ImportRule([path: standard], to: target) { settings throws(ImportObstacle) in
            guard let count = try settings.optionalCount(path).map(Int64.init) ?? absent else {
                return Outcome()
            }
            return Outcome(assignments: [Assignment(target, .integer(count))])
        }
    }

    static func flag(_ path: String, _ standard: ForeignValue, to target: String) -> ImportRule {
        ImportRule([path: standard], to: target) { settings throws(ImportObstacle) in
            guard let flag = try settings.optionalFlag(path) else { return Outcome() }
            return Outcome(assignments: [Assignment(target, .boolean(flag))])
        }
    }

    /// `null` says nothing.
    static func text(_ path: String, _ standard: ForeignValue, to target: String) -> ImportRule {
        ImportRule([path: standard], to: target) { settings throws(ImportObstacle) in
            guard let text = try settings.optionalText(path) else { return Outcome() }
            return Outcome(assignments: [Assignment(target, .text(text))])
        }
    }

    /// `words`: theirs and ours.
    static func word(
        _ path: String, _ standard: ForeignValue, to target: String, _ words: KeyValuePairs<String, String>
    ) -> ImportRule {
        let words = words.map { (theirs: $0.key, ours: $0.value) }
        return ImportRule([path: standard], to: target) { settings throws(ImportObstacle) in
            let word = try settings.text(path)
            guard let ours = words.first(where: { $0.theirs == word })?.ours else {
                throw ImportObstacle(noCounterpart(path, word))
            }
            return Outcome(assignments: [Assignment(target, .text(ours))])
        }
    }

    /// A word that is spelt alike on both sides; what there is, the target knows.
    static func word(_ path: String, _ standard: ForeignValue, to target: String) -> ImportRule {
        text(path, standard, to: target)
    }

    static func noCounterpart(_ path: String, _ word: String) -> String {
        "there is no counterpart to \(path) = \(quotedString(word))"
    }
}
