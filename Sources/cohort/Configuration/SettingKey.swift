/// A setting's place in the file: table and name, written `grpo.beta`.
package struct SettingKey: Hashable, Sendable, CustomStringConvertible {
    package var table: String
    package var name: String

    package init(table: String, name: String) {
        self.table = table
        self.name = name
    }

    /// Splits at the first dot; without one the table is empty.
    package init(_ dotted: String) {
        guard let dot = dotted.firstIndex(of: ".") else {
            self.init(table: "", name: dotted)
            return
        }
        self.init(
            table: String(dotted[..<dot]), name: String(dotted[dotted.index(after: dot)...]))
    }

    package var description: String { table.isEmpty ? name : "\(table).\(name)" }

    /// `COHORT_GRPO_BETA`.
    package var environmentName: String { "COHORT_\(table)_\(name)".uppercased() }
}
