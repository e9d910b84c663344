/// A value given on the command line: by `--set grpo.beta=0.04`, or by an option that stands for a
/// key.
package struct SettingAssignment: Hashable, Sendable {
    package var key: SettingKey
    package var text: String
    /// As typed, for error messages and `--dry-run`.
    package var option: String

    /// An option of its own, such as `--workers 4` for `cluster.workers`.
    package init(key: String, text: String, option: String) {
        self.key = SettingKey(key)
        self.text = text
        self.option = option
    }

    /// The argument of `--set`: a dotted key, `=`, and the value. Throws where there is no `=` or
    /// no key.
    package init(parsing argument: String) throws(ConfigurationFailure) {
        let option = "--set " + argument
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
            throw ConfigurationFailure([
                ConfigurationProblem(
                    kind: .syntax, place: option,
                    sentence: "--set takes a key and a value; for example: --set grpo.beta=0.04")
            ])
        }
        self.init(
            key: Self.trimmed(argument[..<equals]),
            text: Self.trimmed(argument[argument.index(after: equals)...]), option: option)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
