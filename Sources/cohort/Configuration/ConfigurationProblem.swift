/// One thing that is wrong with a configuration.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    /// The identifier under which the documentation explains the error.
    package enum Kind: String, Sendable {
        case syntax = "config-syntax"
        case unknownKey = "config-unknown-key"
        case wrongType = "config-wrong-type"
        case outOfRange = "config-out-of-range"
        case inconsistent = "config-inconsistent"
        case fixedForRun = "config-fixed-for-run"
    }

    package var kind: Kind
    /// `file:line:column`, an environment variable or an option; `nil` where several are involved.
    package var place: String?
    package var sentence: String

    package var description: String {
        (place.map { $0 + ": " } ?? "") + sentence + " [\(kind.rawValue)]"
    }
}

/// Everything that is wrong with a configuration, in one go.
package struct ConfigurationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    package var problems: [ConfigurationProblem]

    init(_ problems: [ConfigurationProblem]) {
        precondition(!problems.isEmpty, "a configuration failure without a problem")
        self.problems = problems
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
