import Testing

import cohort

@Test(
    "What a terminal would act on is written out",
    arguments: [
        ("plain 12+3=15", "plain 12+3=15"), ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\u{1B}[31mred", "\\u{1B}[31mred"), ("\u{7}\u{0}\u{7F}", "\\u{7}\\u{0}\\u{7F}"),
        ("\u{9B}2J",
        "\\u{9B}2J"), ("a\u{202E}b", "a\\u{202E}b"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"),
        ("\u{200F}\u{061C}", "\\u{200F}\\u{61C}"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ("\u{E0041}", "\\u{E0041}"), ("\u{FEFF}\u{200B}\u{115F}", "\\u{FEFF}\\u{200B}\\u{115F}"),
        ("\\n", "\\\\n"), ("é 漢 🙂", "é 漢 🙂"), ("\r\n", "\\r\\n"), ("\u{E000}", "\\u{E000}"),
    ])
func escaping(text: String, escaped: String) {
    #expect(TerminalText.escaped(text) == escaped)
}

@Test("No control character survives escaping")
func noControlCharacters() {
    for value in UInt32(0)...0x2FFFF {
        guard let scalar = Unicode.Scalar(value) else { continue }
        for shown in TerminalText.escaped(String(Character(scalar))).unicodeScalars {
            switch shown.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                Issue.record("U+\(String(value, radix: 16)) reaches the terminal")
            default: break
            }
        }
    }
}

@Test("Escaping is unambiguous")
func escapingIsUnambiguous() {
    let texts = ["\n", "\\n", "\\\n", "\\\\n", "\u{1B}", "\\u{1B}", "\\", "\\\\"]
    #expect(Set(texts.map(TerminalText.escaped)).count == texts.count)
}

@Test(
    "Truncation fits the columns and shows that something is missing",
    arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
        ("", 3, ""), ("漢字漢字", 8, "漢字漢字"), ("漢字漢字", 7, "漢字漢…"), ("漢字漢字", 6, "漢字…"),
        ("a🙂b", 4, "a🙂b"), ("a🙂b", 3, "a…"),
    ])
func truncation(text: String, columns: Int, expected: String) {
    let cut = TerminalText.truncated(text, columns: columns)
    #expect(cut == expected)
    #expect(TerminalText.columnWidth(of: cut) <= columns)
}

@Test("A tower of combining marks is cut down")
func combiningMarks() {
    let tower = "a" + String(repeating: "\u{301}", count: 1000) + "b"
    #expect(TerminalText.truncated(tower, columns: 10).unicodeScalars.count == 6)
}
