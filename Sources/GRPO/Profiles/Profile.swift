/// A named choice of advantage, objective and what surrounds them: "GRPO" alone names a dozen different
/// functions.
///
/// A profile is data: the words in which it differs from the default, `cohort`. It is never edited;
/// another choice, or another version of the system that it is named after, is another profile.
public struct Profile: Hashable, Sendable {
    public struct Statement: Hashable, Sendable {
        public let word: String
        public let value: WordValue

        init(_ word: String, _ value: WordValue) {
            self.word = word
            self.value = value
        }
    }

    public let name: String
    /// Where the choice comes from.
    public let source: String
    /// In the order of `AlgorithmWord.all`.
    public let statements: [Statement]

    init(_ name: String, _ source: String, _ statements: KeyValuePairs<String, WordValue> = [:]) {
        self.name = name
        self.source = source
        self.statements = statements.map { Statement($0.key, $0.value) }
    }

    /// The profile's words over the defaults.
    public var settings: AlgorithmSettings {
        var settings = AlgorithmSettings()
        for statement in statements {
            do { try AlgorithmWord.named(statement.word).set(statement.value, in: &settings) } catch {
                preconditionFailure("profile \(name): \(error)")
            }
        }
        return settings
    }

    public var advantage: AdvantageRule { settings.advantage }
    public var objective: ObjectiveConfiguration { settings.objective }

    /// Throws `WordError.unknownProfile`.
    public static func named(_ name: String) throws(WordError) -> Profile {
        guard let profile = all.first(where: { $0.name == name }) else {
            throw .unknownProfile(name)
        }
        return profile
    }
}
