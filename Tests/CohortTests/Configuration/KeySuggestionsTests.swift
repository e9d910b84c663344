import Testing

import cohort

/// All misspellings one edit away: deletions, insertions, substitutions, swaps of neighbours.
private func misspellings(of word: String) -> Set<String> {
    let letters = Array(word)
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz_0123456789")
    var results: Set<String> = []
    for place in 0...letters.count {
        for letter in alphabet {
            results.insert(String(letters[..<place] + [letter] + letters[place...]))
        }
        guard place < letters.count else { continue }
        results.insert(String(letters[..<place] + letters[(place + 1)...]))
        for letter in alphabet {
            results.insert(String(letters[..<place] + [letter] + letters[(place + 1)...]))
        }
        guard place + 1 < letters.count else { continue }
        var swapped = letters
        swapped.swapAt(place, place + 1)
        results.insert(String(swapped))
    }
    return results.subtracting([word, ""])
}

@Test("Every one-edit misspelling gets a suggestion, the right one first in at least 95 %")
func misspelledKeys() {
    let suggestions = KeySuggestions()
    let keys = Set(Setting.all.map(\.key))
    var tried = 0
    var right = 0
    var silent: [SettingKey] = []
    for key in keys {
        for name in misspellings(of: key.name) {
            let wrong = SettingKey(table: key.table, name: name)
            guard !keys.contains(wrong) else { continue }
            let near = suggestions.nearest(to: wrong)
            tried += 1
            if near.isEmpty { silent.append(wrong) }
            if near.first == key { right += 1 }
        }
    }
    #expect(tried > 40_000)
    #expect(silent == [])
    #expect(Double(right) >= 0.95 * Double(tried), "\(right) of \(tried)")
}

@Test("Every one-edit misspelling of a table leads to the table")
func misspelledTables() {
    let suggestions = KeySuggestions()
    for table in Setting.tables {
        for wrong in misspellings(of: table) where !Setting.tables.contains(wrong) {
            #expect(suggestions.nearestTable(to: wrong) == table)
        }
    }
}

@Test("A key in a misspelt table is found", arguments: [("gpro", "beta"), ("cluter", "workers")])
func keyInMisspeltTable(table: String, name: String) throws {
    let near = KeySuggestions().nearest(to: SettingKey(table: table, name: name))
    #expect(try #require(near.first).name == name)
}

@Test(
    "Other spellings of a key lead to it",
    arguments: ["numGenerations", "num-generations", "NUM_GENERATIONS", "num_generation"])
func otherSpellings(name: String) {
    let near = KeySuggestions().nearest(to: SettingKey(table: "grpo", name: name))
    #expect(near.first == SettingKey("grpo.num_generations"))
}

@Test("The right name in the wrong table leads to its own table")
func wrongTable() {
    let near = KeySuggestions().nearest(to: SettingKey("grpo.workers"))
    #expect(near.first == SettingKey("cluster.workers"))
}

@Test("The same name in several tables stays in the table that was written")
func sameNameInSeveralTables() {
    let suggestions = KeySuggestions()
    #expect(suggestions.nearest(to: SettingKey("sft.learning_rat")).first?.table == "sft")
    #expect(suggestions.nearest(to: SettingKey("grpo.learning_rat")).first?.table == "grpo")
    #expect(suggestions.nearest(to: SettingKey("data.pth")).first?.table == "data")
}

@Test("A key far from all others gets no suggestion")
func nothingNear() {
    #expect(KeySuggestions().nearest(to: SettingKey("grpo.frobnicate")) == [])
    #expect(KeySuggestions().nearest(to: SettingKey("grpo.")) == [])
    #expect(KeySuggestions().nearestTable(to: "optimizer") == nil)
}

@Test("A key without a table is looked for in all of them")
func keyWithoutTable() {
    #expect(KeySuggestions().nearest(to: SettingKey("beta")).first == SettingKey("grpo.beta"))
    #expect(KeySuggestions().nearest(to: SettingKey("sed")).first == SettingKey("run.seed"))
}
