import ArgumentParser
import Foundation
import Tokenization

/// `cohort render`: prompt text of conversations.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "The prompt text that a model's chat template makes of conversations.",
        discussion: """
            Reads standard input, one JSON value per line: a list of messages, or an object with "messages" \
            and perhaps "tools", "documents", "add_generation_prompt" and "chat_template_kwargs". Each \
            gives its prompt as a JSON string.

            echo '[{"role":"user","content":"2+3?"}]' | cohort render --model DIR
            """)

    @Option(
        help:
            "Directory with chat_template.jinja, or with a tokenizer_config.json that holds the template."
    )
    var model: String

    @Flag(help: "Print the text as it is, with a line end after it, instead of a JSON string.")
    var raw = false

    @Flag(help: "End after the last message, unless a line says otherwise.")
    var noGenerationPrompt = false

    func run() async throws {
        let template = try loadTemplate()
        let clock = TemplateClock(Date(), timeZone: .current)
        var output = BufferedOutput()
        do {
            try StandardInputLines.forEach { line, number in
                let text = try rendered(line, number, template, clock)
                try output.write(line: raw ? text : JSONValue.string(text).compactText)
            }
        } catch {
            try output.flush()
            throw error
        }
        try output.flush()
    }

    private func loadTemplate() throws -> ChatTemplate {
        guard FileManager.default.fileExists(atPath: model) else {
            throw CommandFailure("there is no directory \(model)", .noInput)
        }
        guard let template = try ChatTemplate.load(directory: model) else {
            throw CommandFailure(
                "\(model) has no chat template: neither chat_template.jinja nor chat_template in "
                    + "tokenizer_config.json", .noInput)
        }
        return template
    }

    private func rendered(
        _ line: String, _ number: Int, _ template: ChatTemplate, _ clock: TemplateClock
    ) throws(CommandFailure) -> String {
        do {
            return try ConversationLine(line, addGenerationPrompt: !noGenerationPrompt)
                .rendered(by: template, clock: clock)
        } catch { throw StandardInputLines.failure(number, "\(error)") }
    }
}
