import ArgumentParser

/// `cohort import-config`: settings of TRL, verl or prime-rl as ours.
struct ImportConfigCommand: ParsableCommand {
    enum System: String, CaseIterable, ExpressibleByArgument {
        case trl, verl
        case primeRL = "prime-rl"

        var system: ForeignSystem {
            switch self {
            case .trl: .trl
            case .verl: .verl
            case .primeRL: .primeRL
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "import-config",
        abstract: "Turn a TRL, verl or prime-rl configuration file into one of this system.",
        discussion: """
            cohort import-config grpo.yaml --out run.toml

            The TOML goes to standard output. Standard error says of every key of the file what became of \
            it, and which defaults of the other system were written out because ours differ. Exit codes: 0, \
            also where something could not be carried over, unless --strict is given: then 65. A file that \
            cannot be read is 66, one that is not YAML or TOML 65.
            """)

    @Argument(help: "YAML or TOML file, or - for standard input.")
    var file: String

    @Option(help: "Which system it is of: trl, verl or prime-rl; otherwise its contents tell.")
    var from: System?

    @Option(help: "The file to write instead of standard output.")
    var out: String?

    @Flag(help: "Fail with exit code 65 where a key was not carried over or is unknown; nothing is written.")
    var strict = false

    func run() throws {
        let source = try text()
        let (system, document) =
            if let from {
                (from.system, try from.system.read(name: source.name, text: source.text))
            } else {
                try ForeignSystem.detect(name: source.name, text: source.text)
            }
        let result = ConfigurationImport(document, from: system)
        StandardStream.error.write(result.report)
        if strict, result.isIncomplete {
            throw CommandFailure("\(source.name): not everything was carried over", .badData)
        }
        guard let out else { return StandardStream.output.write(result.toml) }
        try POSIXFile.replace(out, with: result.toml)
    }

    private func text() throws -> (name: String, text: String) {
        let path = file == "-" ? "/dev/stdin" : file
        let bytes = try POSIXFile.read(path, limit: ForeignLimits.bytesMax)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(file) is not UTF-8 text; save it as UTF-8", .badData)
        }
        return (file == "-" ? "standard input" : file, text)
    }
}
