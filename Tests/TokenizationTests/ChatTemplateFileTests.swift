import Testing
import Tokenization

@Suite("Chat templates of a model directory")
struct ChatTemplateFileTests {
    let directory: ScratchDirectory
    private let hello = [ChatMessage(role: "user", content: "Hi")]

    init() throws { directory = try ScratchDirectory() }

    @Test("chat_template.jinja comes first and sees the special tokens")
    func jinjaFile() throws {
        try directory.write(
            "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", to: "chat_template.jinja")
        try directory.write(
            #"{"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false}, "chat_template": "no"}"#,
            to: "tokenizer_config.json")
        #expect(try ChatTemplate.load(directory: directory.path)?.render(hello) == "<s>Hi</s>")
    }

    @Test("chat_template in tokenizer_config.json is taken as a text or from a named list")
    func configuration() throws {
        try directory.write(
            #"{"chat_template": "A{{ messages[0].role }}"}"#, to: "tokenizer_config.json")
        #expect(try ChatTemplate.load(directory: directory.path)?.render(hello) == "Auser")
        try directory.write(
            #"{"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]}"#,
            to: "tokenizer_config.json")
        #expect(try ChatTemplate.load(directory: directory.path)?.render(hello) == "D")
    }

    @Test("A model without a template has none")
    func none() throws {
        #expect(try ChatTemplate.load(directory: directory.path) == nil)
        try directory.write(
            #"{"eos_token": null, "chat_template": null}"#, to: "tokenizer_config.json")
        #expect(try ChatTemplate.load(directory: directory.path) == nil)
    }

    @Test("Files that cannot be understood are errors with the path")
    func faults() throws {
        try directory.write("{", to: "tokenizer_config.json")
        let broken = #expect(throws: TemplateError.self) {
            try ChatTemplate.load(directory: directory.path)
        }
        #expect(broken?.template == directory.path + "/tokenizer_config.json")
        #expect(broken?.description.contains("not valid JSON at line 1, column 2") == true)
        try directory.write(
            #"{"chat_template": [{"name": "tool_use", "template": "T"}]}"#,
            to: "tokenizer_config.json")
        #expect(throws: TemplateError.self) { try ChatTemplate.load(directory: directory.path) }
        try directory.write(#"{"chat_template": 3}"#, to: "tokenizer_config.json")
        #expect(throws: TemplateError.self) { try ChatTemplate.load(directory: directory.path) }
    }

    @Test("Without a generation prompt the conversation ends where it ends")
    func generationPrompt() throws {
        let template = try ChatTemplate(
            source: try Fixtures.text("templates/chatml.jinja"))
        #expect(
            try template.render(hello, addGenerationPrompt: false)
                == "<|im_start|>user\nHi<|im_end|>\n")
        #expect(
            try template.render(hello) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    }
}
