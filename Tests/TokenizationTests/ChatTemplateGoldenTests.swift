import Foundation
import Testing
import Tokenization

@Suite("Chat templates against Transformers")
struct ChatTemplateGoldenTests {
    static let names = ["brackets", "chatml", "headers", "lines", "plain", "reasoning", "strict", "tools"]

    @Test(
        "Conversations are rendered as apply_chat_template renders them, or refused where it refuses",
        arguments: names)
    func conversations(_ template: String) throws {
        let rows = try Fixtures.rows("templates/\(template).jsonl")
        #expect(rows.count == 42)
        for row in rows {
            let name = try #require(row["template"]?.string)
            let template = try ChatTemplate(
                source: try Fixtures.text("templates/\(name)"), name: name,
                specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
            var variables: [String: JSONValue] = ["tools": row["tools"] ?? .null]
            for member in row["variables"]?.members ?? [] { variables[member.key] = member.value }
            func render() throws -> String {
                try template.render(
                    messages: row["messages"] ?? .null,
                    addGenerationPrompt: row["add_generation_prompt"]?.bool ?? true,
                    variables: variables)
            }
            if let expected = row["text"]?.string {
                let text = try render()
                #expect(
                    sameScalars(text, expected),
                    "\(name): \(row["messages"]?.compactText ?? "")\n\(text)")
            } else {
                #expect(
                    throws: TemplateError.self, "\(name): \(row["messages"]?.compactText ?? "")"
                ) {
                    try render()
                }
            }
        }
    }

    @Test("Expressions, blocks and white space give what Jinja gives, or an error where it errs")
    func snippets() throws {
        let rows = try Fixtures.rows("templates/snippets.jsonl")
        #expect(rows.count > 80)
        for row in rows {
            let source = try #require(row["source"]?.string)
            if let expected = row["text"]?.string {
                do {
                    let text = try ChatTemplate(source: source).render(messages: .null)
                    #expect(sameScalars(text, expected), "\(source)\n→ \(text)\n≠ \(expected)")
                } catch {
                    Issue.record("\(source): \(error)")
                }
            } else {
                #expect(throws: TemplateError.self, "\(source)") {
                    try ChatTemplate(source: source).render(messages: .null)
                }
            }
        }
    }

    @Test("strftime_now speaks of the injected moment in the C locale")
    func clock() throws {
        // 2026-08-09 09:06:07 UTC
        let moment = TemplateClock(Date(timeIntervalSince1970: 1_786_266_367))
        let source = "{{ strftime_now('%Y-%m-%d %H:%M:%S|%y %B %b %A %a %j %I %p %-d %-m %%') }}"
        let text = try ChatTemplate(source: source).render(messages: .null, clock: moment)
        #expect(text == "2026-08-09 09:06:07|26 August Aug Sunday Sun 221 09 AM 9 8 %")
        let error = #expect(throws: TemplateError.self) {
            try ChatTemplate(source: "{{ strftime_now('%Y') }}").render(messages: .null)
        }
        #expect(error?.problem == .evaluation("the template asks for the date, but none was given"))
        #expect(throws: TemplateError.self) {
            try ChatTemplate(source: "{{ strftime_now('%Q') }}").render(
                messages: .null, clock: moment)
        }
    }
}
