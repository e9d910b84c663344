import Testing
import cohort

@Test("Plain values are those of YAML 1.1, and numbers are also what Python makes of the text")
func plainValues() throws {
    let values: [(String, ForeignValue)] = [
        ("no", false), ("On", true), ("TRUE", true), ("y", "y"), ("~", nil), ("", nil), ("Null", nil),
        ("1e-6", 1e-6), ("1E6", 1e6), ("-2.5", -2.5), (".5", 0.5), ("+7", 7), ("1_000", 1000),
        ("0x1F", 31), ("010", 8), ("0b11", 3), ("0", 0), ("08", 8.0), ("1:30", "1:30"), ("1.2.3", "1.2.3"),
        ("-.inf", .number(-.infinity)), ("2024-01-01", "2024-01-01"), ("nan", "nan"), ("1e", "1e"),
        ("'no'", "no"), ("\"1e-6\"", "1e-6"), ("!!str 5", "5"), ("[1, no]", [1, false]), ("[]", []),
        ("9223372036854775808", 9_223_372_036_854_775_808.0), ("-", [nil]), ("${a.b}", "${a.b}"),
    ]
    for (text, value) in values {
        #expect(try yamlValues("key: \(text == "-" ? "\n  -" : text)\n") == ["key": value], "\(text)")
    }
}

@Test("Tables become paths, also inside lists, and names that look like paths are quoted")
func paths() throws {
    let text = """
        a: {b: {c: 1, d: {}}}
        list:
          - name: x
          - name: y
        a.b: 2
        """
    #expect(
        try yamlValues(text) == [
            "a.b.c": 1, "a.b.d": .table([]), "list[0].name": "x", "list[1].name": "y", "\"a.b\"": 2,
        ])
}

@Test("Anchors are followed, and what a merge key brings never wins")
func anchors() throws {
    let text = """
        base: &base {lr: 1, steps: 2}
        other: &other {steps: 3, seed: 4}
        one: {<<: *base, steps: 5}
        two: {<<: [*base, *other]}
        """
    let values = try yamlValues(text)
    #expect(values["one.lr"] == 1)
    #expect(values["one.steps"] == 5)
    #expect(values["two.steps"] == 2)
    #expect(values["two.seed"] == 4)
}

@Test("A bad file gives one sentence with file, line and column")
func badFiles() {
    let problems = [
        ("a: 1\nb: [1, 2\nc: 3\n", "config.yaml:3:"),
        ("a: 1\na: 2\n", "config.yaml:1:1: the key a stands there twice"),
        ("- 1\n- 2\n", "config.yaml:1:1: a configuration is a mapping"),
        ("a: *b\n", "config.yaml:1:4: this is not YAML"),
        ("a: 1\n---\nb: 2\n", "config.yaml:"), ("a:\n  - b\n c: 1\n", "config.yaml:3:"),
        ("? [1, 2]\n: 3\n", "config.yaml:1:3: a key must be one word"), ("a: \"x\n", "config.yaml:"),
        ("a: 1\nb: \u{1}\n", "config.yaml:2:4: this is not YAML: control"), ("\tb: 1\n", "config.yaml:1:1"),
    ]
    for (text, start) in problems {
        let problem = yamlProblem(text)
        #expect(problem?.hasPrefix(start) == true, "\(problem ?? "accepted"): \(text)")
        #expect(problem?.contains("\n") == false)
    }
}

@Test("A bad TOML file gives one sentence with file, line and column")
func badTOML() {
    do {
        _ = try ForeignSystem.primeRL.read(name: "rl.toml", text: "[model]\nname = \n")
        Issue.record("accepted")
    } catch {
        #expect(error.exitCode == .badData)
        #expect(error.message.hasPrefix("rl.toml:2:"))
    }
}

@Test("References to anchors are bounded before they multiply")
func billionLaughs() {
    var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...9 {
        let references = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
        text += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect(yamlProblem(text)?.contains("anchors more than 16 times") == true)
    // As many as are allowed, as strong as they get, also as a key, which the parser itself walks through.
    var strong = "a0: &a0 [\(Array(repeating: "x", count: 2000).joined(separator: ","))]\n"
    for level in 1...5 {
        strong += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(yamlProblem(strong)?.contains("more than 20000 values") == true)
    #expect(yamlProblem(strong + "? *a5\n: 1\n")?.contains("more than 20000 values") == true)
}

@Test("Depth and size are bounded")
func depthAndSize() {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(yamlProblem("a: \(deep)\n")?.contains("nested deeper than 32 levels") == true)
    let deeper = String(repeating: "{a: ", count: 100_000)
    #expect(yamlProblem(deeper)?.isEmpty == false)
    #expect(yamlProblem(String(repeating: "- ", count: 100_000) + "a: 1\n")?.isEmpty == false)
    let wide = (0..<10_000).map { "k\($0): [1, 2, 3]\n" }.joined()
    #expect(yamlProblem(wide)?.contains("more than 20000 values") == true)
    let long = String(repeating: "k", count: 129)
    #expect(yamlProblem("\(long): 1\n") == "config.yaml:1:1: a key's name has more than 128 bytes")
    #expect(
        yamlProblem(String(repeating: "# padding\n", count: 40_000))?.contains("more than 262144 bytes")
            == true)
}

@Test("TOML has the same bounds")
func hostileTOML() {
    let name = String(repeating: "a.", count: 60_000) + "a"
    let keys = (0..<20_000).map { "k\($0) = 1\n" }.joined()
    let texts = [
        "[\(name)]\nb = 1\n", "\(name) = 1\n", "x = {\(name) = 1}\n", "[\(name)]\n" + keys.prefix(100_000),
        "[\(String(repeating: "b", count: 200))]\n" + keys.prefix(200_000), "[t]\n" + keys,
        "x = " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "\n",
        "x = " + String(repeating: "{a.b=", count: 100) + "1" + String(repeating: "}", count: 100) + "\n",
        String(repeating: "# padding\n", count: 40_000),
    ]
    for text in texts {
        #expect(throws: CommandFailure.self) { try ForeignSystem.primeRL.read(name: "rl.toml", text: text) }
    }
}

@Test("Whatever is cut out of a file or changed in it, reading ends with a document or a sentence")
func mutatedFiles() throws {
    let text = Array(try ImportExample.all[1].text().utf8)
    var state: UInt64 = 7
    func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
    let marks = Array("[]{}:,-&*!|>'\"%@`#\t\n ?".utf8)
    var accepted = 0
    for _ in 0..<3000 {
        var bytes = text
        for _ in 0...random(4) {
            let place = random(bytes.count)
            if random(2) == 0 { bytes[place] = marks[random(marks.count)] } else { bytes.remove(at: place) }
        }
        let changed = String(decoding: bytes, as: UTF8.self)
        if let problem = yamlProblem(changed) {
            #expect(problem.hasPrefix("config.yaml"))
        } else {
            accepted += 1
        }
    }
    #expect(accepted > 0 && accepted < 3000)
}
