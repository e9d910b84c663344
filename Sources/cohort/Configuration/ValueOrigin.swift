/// Who gave a setting its value.
package enum ValueOrigin: Hashable, Sendable, CustomStringConvertible {
    case `default`
    /// A default that other settings left no room for; the text says what became of it.
    case fittedDefault(String)
    /// A named choice of settings.
    case profile(String)
    case file(name: String, line: Int)
    /// The variable's name.
    case environment(String)
    /// The option as it was typed, such as `--set grpo.beta=0.04`.
    case commandLine(String)
    /// The record of the run that is resumed.
    case recorded

    package var description: String {
        switch self {
        case .default: "default"
        case .fittedDefault(let text): text
        case .profile(let name): "profile \(name)"
        case .file(let name, let line): "\(name):\(line)"
        case .environment(let name): "environment variable \(name)"
        case .commandLine(let option): "command line: \(option)"
        case .recorded: "recorded in the run directory"
        }
    }
}
