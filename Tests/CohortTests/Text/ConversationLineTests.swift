import Foundation
import Testing
import Tokenization
import cohort

private func render(_ line: String, _ source: String, prompt: Bool = true) throws -> String {
    try ConversationLine(line, addGenerationPrompt: prompt).rendered(
        by: try ChatTemplate(source: source), clock: TemplateClock(Date(timeIntervalSince1970: 0)))
}

@Suite("Lines of conversations")
struct ConversationLineTests {
    private let source =
        "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}{% if add_generation_prompt %}>{% endif %}"

    @Test("A list of messages and an object with the list give the same prompt")
    func forms() throws {
        let list = #"[{"role":"user","content":"2+3?"}]"#
        #expect(try render(list, source) == "user:2+3?;>")
        #expect(try render("{\"messages\":\(list)}", source) == "user:2+3?;>")
        #expect(try render(list, source, prompt: false) == "user:2+3?;")
        #expect(
            try render("{\"messages\":\(list),\"add_generation_prompt\":false}", source)
                == "user:2+3?;")
    }

    @Test("Tools, documents and further variables reach the template")
    func variables() throws {
        let line =
            #"{"messages":[],"tools":[{"name":"add"}],"documents":[1,2],"chat_template_kwargs":{"mood":"calm"}}"#
        let source =
            "{{ tools[0].name }} {{ documents | length }} {{ mood }} {{ strftime_now('%Y') }}"
        #expect(try render(line, source) == "add 2 calm 1970")
    }

    @Test(
        "Anything else is refused by name",
        arguments: [
            ("3", "expected a list of messages"), ("{}", "expected a list of messages"),
            (#"["hi"]"#, "expected a list of messages"), ("[", "invalid JSON at column 2"),
            (#"{"messages":[],"tool":[]}"#, #"unknown key "tool"; known are messages, tools"#),
            (
                #"{"messages":[],"add_generation_prompt":1}"#,
                "add_generation_prompt must be true or false"
            ),
            (
                #"{"messages":[],"chat_template_kwargs":[]}"#,
                "chat_template_kwargs must be an object"
            ),
        ])
    func refused(_ line: String, _ fragment: String) {
        let problem = #expect(throws: LineProblem.self) { try ConversationLine(line) }
        #expect(problem?.description.contains(fragment) == true)
    }
}
