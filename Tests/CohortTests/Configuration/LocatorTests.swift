import Testing

import cohort

/// Where an unknown key is reported in `text`, as "line:column".
private func place(of text: String) -> String? {
    let parts = problems(text).first?.split(separator: ":")
    return parts?.dropFirst().prefix(2).joined(separator: ":")
}

@Test("Keys are found behind everything that TOML allows before them")
func keyPositions() {
    #expect(place(of: "# [grpo]\n# x = 1\n\n[grpo] # x = 2\n\tx = 1") == "5:2")
    #expect(place(of: "[data]\npath = \"\"\"\n[grpo]\nx = 1\n\"\"\"\n[grpo]\nx = 1") == "7:1")
    #expect(place(of: "[data]\npath = '''\nx = \"1\n'''\nx = 1") == "5:1")
    #expect(place(of: "[data]\npath = \"a\\\"# b\"\nx = 1") == "3:1")
    #expect(place(of: "[data]\npath = 'a\\'\nx = 1") == "3:1")
    #expect(place(of: "[data]\r\npath = \"a\"\r\nx = 1\r\n") == "3:1")
    #expect(place(of: "[data]\npath = \"\"\"a\"\"\"\"\nx = 1") == "3:1")
}

@Test("Keys in inline tables and dotted keys are found")
func inlinePositions() {
    #expect(place(of: "grpo = { beta = 0.1, x = 1 }") == "1:22")
    #expect(place(of: "grpo = { beta = 0.1, \"x\" = { y = [1, { z = 2 }] } }") == "1:22")
    #expect(place(of: "run.seed = 1\ngrpo . x = 1") == "2:1")
    #expect(place(of: "[ grpo ]\n\"x\" = 1") == "2:1")
    #expect(place(of: "[grpo]\n\"\\u0078\" = 1") == "2:1")
}

@Test("Keys after arrays over several lines are found")
func positionsAfterArrays() {
    // The array itself is a type error at its own place; the unknown key follows.
    let lines = problems("[data]\npath = [ # ]\n  [1, 2], 'a]',\n  \"]\", # x\n]\nx = 1")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("run.toml:2:8: data.path must be") == true)
    #expect(lines.last?.hasPrefix("run.toml:6:1: unknown key data.x") == true)
}

@Test("Columns count characters, not bytes")
func columnsOfUnicode() {
    #expect(place(of: "grpo = { beta = 0.1, \"é🙂\" = 1, x = 1 }") == "1:22")
    let lines = problems("data = { path = \"é🙂\", x = 1 }")
    #expect(lines.first?.hasPrefix("run.toml:1:23: ") == true)
}

@Test("A key that differs only in case or holds a dot is found at its own place")
func quotedDot() {
    #expect(place(of: "[grpo]\n\"a.b\" = 1") == "2:1")
    #expect(problems("[grpo]\nBeta = 1").first?.contains("did you mean grpo.beta?") == true)
}

@Test("An array of tables is a type error, not a crash")
func arrayOfTables() {
    #expect(problems("[[grpo]]\nbeta = 1\n[[grpo]]\nbeta = 2").count == 1)
}

@Test(
    "Every form of number that TOML has is a value",
    arguments: [
        "0",
        "-0", "+7", "1_000", "0xdead_BEEF", "0o17", "0b1_0", "1.5", "1e9", "-1_0.5E-1_0",
        "6.26e-34", "inf", "-inf", "+nan", "true",
    ])
func numberForms(text: String) {
    #expect(problems("[data]\npath = \(text)").first?.contains("data.path must be") == true)
}

@Test("Dates with and without a time of day are values")
func dates() {
    for date in [
        "1979-05-27", "1979-05-27 # x", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00",
        "1979-05-27t07:32:00.5-07:00", "07:32:00", "1979-05-27 ", "1979-05-27  \t",
    ] {
        let lines = problems("[data]\npath = \(date)\nx = 1")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("not a date or time") == true)
        #expect(lines.last?.hasPrefix("run.toml:3:1: unknown key data.x") == true)
    }
}

@Test(
    "Texts at which the parser would abort are syntax errors",
    arguments: [
        ("[=grpo]", "1:2"), ("[#", "1:2"), ("[[ .a]]", "1:4"), ("[[[a]]]", "1:3"), ("[\n", "1:2"),
        ("[é]", "1:2"), ("x=[}", "1:4"), ("x = [1, }]", "1:9"), ("x = [\u{85}]", "1:6"),
        ("x = [\u{2028}]", "1:6"), ("x = 1979-05-27T:", "1:5"), ("x = 1979-05-27 a", "1:5"),
        ("x = { a = [1979-05-27t] }",
        "1:12"), ("\n x = [=]", "2:7"), ("\u{FEFF}[=", "1:2"), ("x = [1979-05-27 0]", "1:6"),
        ("x = 1979-05-27 0,", "1:5"), ("x = high", "1:5"), ("x = 1__0", "1:5"), ("x = 00", "1:5"),
        ("x = 1_",
        "1:5"), ("x = 1.", "1:5"), ("x = .5", "1:5"), ("x = +0x1", "1:5"), ("x = 0x", "1:5"),
        ("x = 1e", "1:5"), ("x = 07:32", "1:5"), ("x = 07:32:00.5_0", "1:5"), ("x = 0_1", "1:5"),
    ])
func parserAborts(text: String, place: String) {
    let lines = problems(text)
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("run.toml:\(place): this is not TOML: expected ") == true,
    "\(lines)")
}

@Test("An error before such a place is reported first")
func earlierErrors() {
    let lines = problems("x = \"abc\n[=]\n")
    #expect(lines.count == 1)
    #expect(lines.first?.hasPrefix("run.toml:1:") == true)
}

@Test("Nesting without end is an error", arguments: ["[", "{a=", "[{a="])
func deepNesting(unit: String) {
    #expect(problems("x = " + String(repeating: unit, count: 20_000)).count == 1)
    #expect(problems("x = " + String(repeating: unit, count: 300) + "1").count == 1)
    #expect(problems(String(repeating: "a.", count: 1000) + "a = 1").count == 1)
}

private let base = """
    [grpo] # comment
    beta = 0.1
    "epsilon" = { a = [1, 'x', "\\u0041"], b = \"\"\"long\"\"\" }
    [data]
    path = '''a'''
    [[q]]
    x.y = 1979-05-27T07:32:00-08:00
    z = [+inf, 0x1F, 07:32:00.9, 1979-05-27 07:32:00, 1979-05-27]
    """

@Test("No truncation of a file traps")
func truncatedText() {
    let scalars = Array(base.unicodeScalars)
    for end in 0...scalars.count {
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: scalars[..<end])
        for line in problems(String(cut)) { #expect(line.hasPrefix("run.toml:")) }
    }
}

@Test("No random change to a file traps")
func changedText() {
    let pieces = [
        "\"", "'", "[", "]", "{", "}", "=", "\\", "\n", "#", ",", ".", "-", "+", "_", "0", "1e",
        "inf", "nan", "true", "x", "é", " ", "\t", "\r", "\u{1}", "\u{85}", "\u{2028}", "\u{A0}",
        "\u{B}",
        "\u{0}", "[[", "]]", "\"\"\"", "'''", "0x", "T", "Z", ":", "1979-05-27", "\u{FEFF}",
    ].map { Array($0.unicodeScalars) }
    var random = Generator(state: 1)
    for _ in 0..<4_000 {
        var text = random.next() % 3 == 0 ? [] : Array(base.unicodeScalars)
        for _ in 0...random.next() % 6 {
            let place = Int(random.next() % UInt64(text.count + 1))
            let end = min(text.count, place + Int(random.next() % 3))
            text.replaceSubrange(
                place..<end, with: pieces[Int(random.next() % UInt64(pieces.count))])
        }
        var changed = String.UnicodeScalarView()
        changed.append(contentsOf: text)
        for line in problems(String(changed)) where !line.hasPrefix("run.toml:") {
            #expect(line.contains("config-inconsistent"), "\(String(changed))")
        }
    }
}

/// SplitMix64, for changes that are the same on every run.
private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
