/// Which keys an unknown key was probably meant to be.
package struct KeySuggestions: Sendable {
    private let keys: [SettingKey]

    package init(_ keys: [SettingKey] = Setting.all.map(\.key)) { self.keys = keys }

    /// The likeliest keys, best first, at most three; empty where nothing is near. An empty table
    /// in `unknown` means that none was written, so every table is as good.
    package func nearest(to unknown: SettingKey) -> [SettingKey] {
        let name = Self.snakeCase(unknown.name)
        let table = Self.snakeCase(unknown.table)
        let scored = keys.enumerated().compactMap { place, key -> (Double, Int, SettingKey)? in
            guard let score = Self.score(name: name, table: table, key) else { return nil }
            return (score, place, key)
        }
        let best = scored.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        guard let limit = best.first.map({ $0.0 + 0.75 }) else { return [] }
        return best.prefix { $0.0 <= limit }.prefix(3).map(\.2)
    }

    /// The likeliest table for a misspelt one.
    package func nearestTable(to unknown: String) -> String? {
        let written = Self.snakeCase(unknown)
        let scored = Set(keys.map(\.table)).sorted().map { table in
            (EditDistance.between(written, table, limit: Self.tolerance(table)), table)
        }
        return scored.filter { $0.0.isFinite }.min { $0.0 < $1.0 }?.1
    }

    /// Edits in the name plus what the table costs; `nil`: too far to be meant.
    private static func score(name: String, table: String, _ key: SettingKey) -> Double? {
        let edits = EditDistance.between(name, key.name, limit: tolerance(key.name))
        guard edits.isFinite else { return nil }
        if table.isEmpty || table == key.table { return edits }
        // A misspelt table is as forgivable as a misspelt name; a wrong one needs the right name.
        let tableEdits = EditDistance.between(table, key.table, limit: tolerance(key.table))
        if tableEdits.isFinite { return edits + min(tableEdits, 1) }
        return edits <= 1 ? edits + 1.25 : nil
    }

    /// A third of the letters, but always one and never more than three.
    private static func tolerance(_ word: String) -> Double {
        Double(min(3, max(1, word.count / 3)))
    }

    /// `Max-Completion-Length` and `maxCompletionLength` as `max_completion_length`.
    static func snakeCase(_ text: String) -> String {
        var result = ""
        var previousIsLower = false
        for character in text {
            if character.isUppercase && previousIsLower { result += "_" }
            result += character == "-" || character == " " ? "_" : character.lowercased()
            previousIsLower = character.isLowercase || character.isNumber
        }
        return result
    }
}
