extension ConfigurationImport {
    /// A line on every key, by what became of it, and a line that sums up.
    package var report: String {
        let name = Self.printable(fileName)
        let heading = "\(name): settings of \(system.title), on top of grpo.profile = \"\(system.profile)\""
        let sections = Kind.allCases.map(section)
        let conflicts =
            conflicts.isEmpty ? "" : "does not fit together:\n  " + conflicts.joined(separator: "\n  ")
        let parts = [heading] + (sections + [conflicts]).filter { !$0.isEmpty } + [summary]
        return parts.joined(separator: "\n") + "\n"
    }

    /// `12 keys: 8 mapped, …`
    package var summary: String {
        let stated = Kind.allCases.compactMap { kind in
            let count = entries.count { $0.kind == kind && $0.isStated }
            return count == 0 ? nil : "\(count) \(kind.heading)"
        }
        let keys = entries.count(where: \.isStated)
        let defaults = count(.implied)
        let lost = entries.count { $0.kind == .notCarried && !$0.isStated }
        return "\(keys) \(keys == 1 ? "key" : "keys"): "
            + (stated.isEmpty ? "nothing" : stated.joined(separator: ", "))
            + "; \(defaults) \(defaults == 1 ? "default" : "defaults") of \(system.title) written out"
            + (lost == 0 ? "" : ", \(lost) to be settled by hand")
    }

    private func section(_ kind: Kind) -> String {
        let lines = entries.filter { $0.kind == kind }.map(line)
        return lines.isEmpty ? "" : ([kind.heading + ":"] + lines).joined(separator: "\n")
    }

    private func line(_ entry: Entry) -> String {
        let origin = entry.isStated ? "" : " (default)"
        let arrow = entry.kind == .mapped || entry.kind == .implied ? " ->" : ":"
        return Self.printable("  \(entry.path) = \(entry.value.literal)\(origin)\(arrow) \(entry.text)")
    }

    private static func printable(_ text: String) -> String { TerminalText.escaped(text) }
}

extension ConfigurationImport.Kind {
    var heading: String {
        switch self {
        case .mapped: "mapped"
        case .implied: "implied"
        case .notApplicable: "not applicable"
        case .notCarried: "not carried over"
        case .unknown: "unknown"
        }
    }
}
