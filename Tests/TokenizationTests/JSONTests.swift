import Testing
import Tokenization

private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONParser.parse(Array(text.utf8))
}

@Suite("JSON")
struct JSONTests {
    @Test("Documents come back with members in order and numbers as they were written")
    func reads() throws {
        let value = try parse(#" {"b": [1, -2.50, 1e-3, true, null], "a": {"x": ""}} "#)
        #expect(value.members?.map(\.key) == ["b", "a"])
        #expect(value.compactText == #"{"a":{"x":""},"b":[1,-2.50,1e-3,true,null]}"#)
        #expect(value["b"]?.array?[0].integer == 1)
        #expect(value["b"]?.array?[1].integer == nil)
        #expect(value["a"]?["x"]?.string == "")
        #expect(value["zzz"] == nil)
    }

    @Test("Escapes become characters, surrogate pairs one character")
    func escapes() throws {
        let text = try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00""#).string
        #expect(
            text.map { Array($0.unicodeScalars) }
                == Array("\"\\/\u{8}\u{C}\n\r\tAé😀".unicodeScalars))
    }

    @Test("Writing escapes quotes, backslashes and control characters only")
    func writes() {
        #expect(
            JSONValue.string("é\"\\\n\u{1}\u{7F}").compactText == "\"é\\\"\\\\\\n\\u0001\u{7F}\"")
        #expect(JSONValue.array([]).compactText == "[]")
        #expect(JSONValue.object([]).compactText == "{}")
    }

    @Test("Keys that are only canonically equivalent stay apart")
    func canonicalEquivalence() throws {
        let value = try parse("{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(value["\u{E9}"]?.integer == 1)
        #expect(value["e\u{301}"]?.integer == 2)
        #expect(!sameScalars("\u{E9}", "e\u{301}"))
    }

    @Test(
        "Text that is not JSON is refused with its place",
        arguments: [
            ("", 1, 1), ("  ", 1, 3), ("{", 1, 2), ("[1,", 1, 4), ("[1 2]", 1, 4),
            ("{\"a\" 1}", 1, 6),
            ("{a: 1}", 1, 2), ("{\"a\":1,}", 1, 8), ("[1,]", 1, 4), ("nul", 1, 1), ("True", 1, 1),
            ("01", 1, 2), ("-", 1, 2), ("1.", 1, 3), (".5", 1, 1), ("1e", 1, 3), ("+1", 1, 1),
            ("NaN", 1, 1), ("\"abc", 1, 5), ("\"a\\x\"", 1, 4), ("\"\\u12g4\"", 1, 6),
            ("\"\\", 1, 3),
            ("\"\\ud800\"", 1, 8), ("\"\\udc00\"", 1, 8), ("\"\\ud800\\u0041\"", 1, 14),
            ("\"a\nb\"", 1, 3), ("1 2", 1, 3), ("{}}", 1, 3), ("{\n\"a\":\n  x}", 3, 3),
            ("'a'", 1, 1),
        ])
    func faults(_ text: String, line: Int, column: Int) throws {
        let fault = #expect(throws: JSONError.self) { try parse(text) }
        #expect(fault?.line == line)
        #expect(fault?.column == column)
        #expect(fault?.offset ?? -1 <= text.utf8.count)
    }

    @Test("Nesting ends with an error, not with the stack")
    func depth() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        _ = try parse(deep)
        #expect(throws: JSONError.self) { try parse("[" + deep + "]") }
        #expect(throws: JSONError.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF],
        ] {
            #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test("Every truncation of a document is an error")
    func truncations() throws {
        let bytes = Array(#"{"a": [1.5e3, "xé\n\ud83d\ude00", {"b": null}], "c": false}"#.utf8)
        _ = try JSONParser.parse(bytes)
        for count in bytes.indices {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(bytes[..<count])) }
        }
    }
}
