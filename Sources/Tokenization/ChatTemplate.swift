/// One message of a conversation, where no more than role and text is needed.
package struct ChatMessage: Hashable, Sendable {
    package var role: String
    package var content: String

    package init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}

/// A model's chat template: the part of Jinja that such templates use, rendered as
/// `apply_chat_template` of Transformers does it.
///
/// A template is a program from someone else. This interpreter reaches nothing outside its variables,
/// and its steps, depth and output are limited, so a hostile one ends with an error.
package struct ChatTemplate: Sendable {
    private let nodes: [TemplateNode]
    private let name: String
    private let specialTokens: [String: String]
    private let limits: TemplateLimits

    /// Parses `source`. `specialTokens` are variables such as `bos_token`; `name` stands in errors.
    /// Throws `TemplateError`.
    package init(
        source: String, name: String = "chat template", specialTokens: [String: String] = [:],
        limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) {
        nodes = try TemplateParser.parse(source, name: name)
        self.name = name
        self.specialTokens = specialTokens
        self.limits = limits
    }

    /// The prompt text of a conversation. Throws `TemplateError`.
    package func render(
        _ messages: [ChatMessage], addGenerationPrompt: Bool = true,
        variables: [String: JSONValue] = [:], clock: TemplateClock? = nil
    ) throws(TemplateError) -> String {
        let values = messages.map { message in
            JSONValue.object([
                JSONMember("role", .string(message.role)),
                JSONMember("content", .string(message.content)),
            ])
        }
        return try render(
            messages: .array(values), addGenerationPrompt: addGenerationPrompt,
            variables: variables,
            clock: clock)
    }

    /// The prompt text of messages with any members. `variables` are added to, and win over,
    /// `messages`, `tools`, `documents` (both none), `add_generation_prompt` and the special tokens.
    package func render(
        messages: JSONValue, addGenerationPrompt: Bool = true,
        variables: [String: JSONValue] = [:], clock: TemplateClock? = nil
    ) throws(TemplateError) -> String {
        var all: [String: TemplateValue] = ["tools": .null, "documents": .null]
        for (name, token) in specialTokens { all[name] = .string(token) }
        all["add_generation_prompt"] = .bool(addGenerationPrompt)
        for (name, value) in variables { all[name] = TemplateValue(value) }
        do {
            if all["messages"] == nil {
                all["messages"] = TemplateValue(try ChatMessages.normalized(messages))
            }
            return try TemplateRenderer(variables: all, limits: limits, clock: clock).render(nodes)
        } catch {
            throw TemplateError(template: name, line: error.line, problem: error.problem)
        }
    }
}
