/// Another system whose settings can be carried over. What is known of it is data: rules for the keys
/// that become ours, and notes on those that cannot.
package struct ForeignSystem: Sendable {
    /// As `--from` says it.
    package let name: String
    /// With the version that the rules and defaults are of.
    package let title: String
    /// Our profile of that system's algorithm.
    package let profile: String
    /// No key is a source of two rules, nor a target of two.
    package let rules: [ImportRule]
    /// The first that covers a key holds; rules come before them.
    package let notes: [ImportNote]

    package static let all = [trl, verl, primeRL]

    /// The system that a file seems to be of. Throws `CommandFailure` with exit code 65 where there is
    /// none or the file cannot be read.
    package static func detect(
        name: String, text: String
    ) throws(CommandFailure) -> (ForeignSystem, ForeignDocument) {
        if isTOML(text) { return (primeRL, try primeRL.read(name: name, text: text)) }
        let document = try YAMLDocumentReader(name: name).document(text)
        for system in [verl, trl] where system.resembles(document) { return (system, document) }
        throw CommandFailure(
            "\(name) has no key of TRL, verl or prime-rl; say which system it is of with --from", .badData)
    }

    package func read(name: String, text: String) throws(CommandFailure) -> ForeignDocument {
        self.name == Self.primeRL.name
            ? try TOMLDocumentReader(name: name).document(text)
            : try YAMLDocumentReader(name: name).document(text)
    }

    /// By its top level: verl's keys stand in tables, TRL's do not.
    private func resembles(_ document: ForeignDocument) -> Bool {
        let known = rules.flatMap(\.sources).map(\.path)
        guard name == Self.verl.name else { return known.contains { document[path: $0] != nil } }
        let tables = Set(known.compactMap { $0.split(separator: ".").first.map(String.init) })
        return !document.tables.isDisjoint(with: tables)
    }

    /// Whether the first line that says something is a table header or has an equals sign after its key.
    private static func isTOML(_ text: String) -> Bool {
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.drop { $0 == " " || $0 == "\t" || $0 == "\u{FEFF}" }
            guard let first = content.first, first != "#" else { continue }
            if first == "[" { return true }
            return content.prefix { $0 != ":" && $0 != "#" }.contains("=")
        }
        return false
    }
}
