import Foundation
import Tasks
import Testing
import Tokenization

@Suite("Prompts from JSON Lines")
struct PromptFileTests {
    let tokenizer: Tokenizer
    let template: ChatTemplate

    init() throws {
        tokenizer = try byteTokenizer()
        template = try ChatTemplate(
            source: "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
                + "{% if add_generation_prompt %}<assistant>{% endif %}")
    }

    private func read(
        _ text: String, grader: String? = nil, template: ChatTemplate? = nil, limit: Int = 100,
        tokenizer other: Tokenizer? = nil
    ) throws -> PromptSet {
        let check = try grader.flatMap {
            try Graders.named($0, tokenizer: tokenizer, stopTokens: [256]).answerCheck
        }
        return try PromptSet(
            jsonLines: Array(text.utf8), file: "data.jsonl",
            reading: PromptReading(
                tokenizer: other ?? tokenizer, template: template, contextLimit: limit,
                answerCheck: check))
    }

    @Test("Rows come back in order with tokens, text, answer, line and the other columns sorted")
    func rows() throws {
        let rows = try read(
            """
            {"prompt": "1+1=", "level": 3, "answer": "2", "extra": {"b": [1.50, null], "a": "é"}}
            {"solution": 4.0, "prompt": "2+2="}
            """, grader: "numeric"
        ).rows
        #expect(rows.count == 2)
        #expect(rows[0].tokens == Array("1+1=".utf8).map(Int32.init))
        #expect(rows[0].text == "1+1=")
        #expect(rows[0].answer == "2")
        #expect(rows[0].line == 1)
        #expect(rows[0].columns == #"{"answer":"2","extra":{"a":"é","b":[1.50,null]},"level":3}"#)
        #expect(rows[1].answer == "4.0")
        #expect(rows[1].line == 2)
        #expect(rows[1].columns == #"{"solution":4.0}"#)
    }

    @Test("Equal rows give equal bytes of columns whatever their order of keys")
    func columnOrder() throws {
        let a = try read(#"{"prompt":"x","b":1,"a":2,"answer":"3"}"#).rows[0].columns
        let b = try read(#"{"answer": "3", "a": 2, "b": 1, "prompt": "x"}"#).rows[0].columns
        #expect(a == b)
    }

    @Test("Lines of white space are skipped and still counted; a byte order mark is ignored")
    func blankLines() throws {
        let rows = try read("\u{FEFF}\n{\"prompt\":\"a\"}\r\n  \t\n\n{\"prompt\":\"b\"}\n\n").rows
        #expect(rows.map(\.line) == [2, 5])
        #expect(rows.map(\.text) == ["a", "b"])
    }

    @Test("An answer is taken from answer before solution; null counts as absent")
    func answerColumns() throws {
        let rows = try read(
            """
            {"prompt":"p","answer":"a","solution":"s"}
            {"prompt":"p","answer":null,"solution":"s"}
            {"prompt":"p","answer":null}
            {"prompt":"p","answer":""}
            """
        ).rows
        #expect(rows.map(\.answer) == ["a", "s", nil, ""])
    }

    @Test("Conversations are rendered with the template and the beginning of the answer")
    func conversations() throws {
        let row = try read(
            #"{"prompt":[{"role":"system","content":"S"},{"role":"user","content":"1<|im_end|>"}],"answer":1}"#,
            template: template
        ).rows[0]
        #expect(row.text == "<system>S<user>1<|im_end|><assistant>")
        #expect(row.tokens.contains(256))
        #expect(tokenizer.decode(row.tokens, skipSpecialTokens: false) == row.text)
        #expect(row.columns == #"{"answer":1}"#)
    }

    @Test("Messages may carry tool calls in place of content")
    func toolCalls() throws {
        let calls =
            #"[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"function":{}}]}]"#
        let quiet = try ChatTemplate(source: "{{ messages|length }}")
        #expect(try read("{\"prompt\":\(calls)}", template: quiet).rows[0].text == "2")
    }

    @Test(
        "Every kind of bad row is refused with file, line and column",
        arguments: [
            ("", "data.jsonl: there are no rows; one JSON object per line is expected"),
            ("\n  \n", "data.jsonl: there are no rows; one JSON object per line is expected"),
            (
                "{\"prompt\":\"a\"}\n{\"prompt\":",
                "data.jsonl:2: invalid JSON at column 11: the text ends where a value should be"
            ),
            ("{'prompt': 1}", "data.jsonl:1: invalid JSON at column 2: expected a key in quotes"),
            ("\n{\"prompt\": NaN}", "data.jsonl:2: invalid JSON at column 12: not a JSON value"),
            (
                "{\"prompt\":\"a\"} {}",
                "data.jsonl:1: invalid JSON at column 16: more text after the value"
            ),
            ("[1]", "data.jsonl:1: a row must be a JSON object, not an array"),
            ("\"a\"", "data.jsonl:1: a row must be a JSON object, not a string"),
            ("3", "data.jsonl:1: a row must be a JSON object, not a number"),
            ("null", "data.jsonl:1: a row must be a JSON object, not null"),
            ("{}", "data.jsonl:1: the column \"prompt\" is missing; every row needs one"),
            (
                #"{"question":"a"}"#,
                "data.jsonl:1: the column \"prompt\" is missing; every row needs one"
            ),
            (#"{"prompt":"a","prompt":"b"}"#, "data.jsonl:1: the column \"prompt\" is there twice"),
            (
                #"{"prompt":3}"#,
                "data.jsonl:1: the column \"prompt\" must be a string or a list of messages, not a number"
            ),
            (
                #"{"prompt":null}"#,
                "data.jsonl:1: the column \"prompt\" must be a string or a list of messages, not null"
            ),
            (
                #"{"prompt":{"role":"user"}}"#,
                "data.jsonl:1: the column \"prompt\" must be a string or a list of messages, not an object"
            ),
            (#"{"prompt":""}"#, "data.jsonl:1: the column \"prompt\" is empty"),
            (#"{"prompt":[]}"#, "data.jsonl:1: the column \"prompt\" is empty"),
            (
                #"{"prompt":["hi"]}"#,
                "data.jsonl:1: the column \"prompt[0]\" must be a message object, not a string"
            ),
            (
                #"{"prompt":[{"content":"x"}]}"#,
                "data.jsonl:1: the column \"prompt[0].role\" is missing; every message needs one"
            ),
            (
                #"{"prompt":[{"role":1,"content":"x"}]}"#,
                "data.jsonl:1: the column \"prompt[0].role\" must be a string, not a number"
            ),
            (
                #"{"prompt":[{"role":"user","content":"x"},{"role":"robot","content":"x"}]}"#,
                "data.jsonl:1: the column \"prompt[1].role\" is \"robot\"; known roles are system, developer, user, assistant and tool"
            ),
            (
                #"{"prompt":[{"role":"user"}]}"#,
                "data.jsonl:1: the column \"prompt[0].content\" is missing; every message needs one"
            ),
            (
                #"{"prompt":[{"role":"user","content":null}]}"#,
                "data.jsonl:1: the column \"prompt[0].content\" must be a string, not null"
            ),
            (
                #"{"prompt":[{"role":"user","content":["x"]}]}"#,
                "data.jsonl:1: the column \"prompt[0].content\" must be a string, not an array"
            ),
            (
                #"{"prompt":[{"role":"user","content":"x"}]}"#,
                "data.jsonl:1: the prompt is a conversation, but the model has no chat template; use text prompts or add chat_template.jinja to the model's directory"
            ),
            (
                #"{"prompt":"a","answer":true}"#,
                "data.jsonl:1: the column \"answer\" must be a string or a number, not a boolean"
            ),
            (
                #"{"prompt":"a","answer":["1"]}"#,
                "data.jsonl:1: the column \"answer\" must be a string or a number, not an array"
            ),
            (
                #"{"prompt":"a","answer":null,"solution":{}}"#,
                "data.jsonl:1: the column \"solution\" must be a string or a number, not an object"
            ),
            (
                "{\"prompt\":\"a\"}\n\n{\"prompt\":\"" + String(repeating: "x", count: 101) + "\"}",
                "data.jsonl:3: the prompt has 101 tokens, more than the limit of 100"
            ),
        ])
    func badRows(_ text: String, _ message: String) {
        let error = #expect(throws: DataError.self) { try read(text) }
        #expect(error?.description == message)
    }

    @Test(
        "Rows without a usable answer are refused where the grader needs one",
        arguments: [
            (
                "exact", #"{"prompt":"a"}"#,
                "the column \"answer\" is missing; the grader \"exact\" needs it (or \"solution\")"
            ),
            (
                "numeric", #"{"prompt":"a","answer":null}"#,
                "the column \"answer\" is missing; the grader \"numeric\" needs it (or \"solution\")"
            ),
            (
                "numeric", #"{"prompt":"a","answer":"twelve"}"#,
                "the column \"answer\" has no number in it"
            ),
            (
                "numeric", #"{"prompt":"a","solution":""}"#,
                "the column \"solution\" has no number in it"
            ),
        ])
    func missingAnswers(_ grader: String, _ row: String, _ message: String) throws {
        let error = #expect(throws: DataError.self) { try read("\n" + row, grader: grader) }
        #expect(error?.description == "data.jsonl:2: \(message)")
        #expect(try read(row).rows.count == 1)
    }

    @Test("What a template refuses is told with the row")
    func refusedByTemplate() throws {
        let strict = try ChatTemplate(
            source: "{{ raise_exception('no ' ~ messages[0].role) }}", name: "t")
        let error = #expect(throws: DataError.self) {
            try read(#"{"prompt":[{"role":"user","content":"x"}]}"#, template: strict)
        }
        #expect(
            error?.description
                == "data.jsonl:1: the prompt cannot be rendered: t, line 1: the template refuses these messages: no user"
        )
    }

    @Test("A prompt that the tokenizer would shorten is refused instead of changed")
    func inexpressible() throws {
        let arithmetic = try Tokenizer(json: Array(Tokenizer.arithmeticJSON().utf8))
        let error = #expect(throws: DataError.self) {
            try read(#"{"prompt":"1+É="}"#, tokenizer: arithmetic)
        }
        #expect(
            error?.description
                == "data.jsonl:1: the column \"prompt\" has 2 characters that the tokenizer has no token for"
        )
    }

    @Test("The limit itself still fits")
    func limit() throws {
        #expect(try read(#"{"prompt":"abcde"}"#, limit: 5).rows[0].tokens.count == 5)
        #expect(throws: DataError.self) { try read(#"{"prompt":"abcdef"}"#, limit: 5) }
    }

    @Test("Bytes that are not UTF-8 are refused with the line")
    func invalidUTF8() {
        let bytes = Array("{\"prompt\":\"a\"}\n{\"prompt\":\"".utf8) + [0xFF, 0x22, 0x7D]
        let error = #expect(throws: DataError.self) {
            try PromptSet(
                jsonLines: bytes, file: "data.jsonl",
                reading: PromptReading(
                    tokenizer: tokenizer, template: nil, contextLimit: 9, answerCheck: nil))
        }
        #expect(
            error?.description == "data.jsonl:2: invalid JSON at column 13: the string is not UTF-8"
        )
    }

    @Test("Files are read from disk; a missing one is told by its path")
    func files() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "cohort-prompts-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: url) }
        let reading = PromptReading(
            tokenizer: tokenizer, template: nil, contextLimit: 9, answerCheck: nil)
        let error = #expect(throws: DataError.self) {
            try PromptSet(file: url.path, reading: reading)
        }
        #expect(error?.place == .init(file: url.path))
        #expect(error?.description.hasPrefix("\(url.path): cannot be read: ") == true)
        try Data("{\"prompt\":\"a\"}\n".utf8).write(to: url)
        #expect(try PromptSet(file: url.path, reading: reading).rows.map(\.text) == ["a"])
    }
}
