package import Tokenization

/// One line of `cohort render`: a list of messages, or an object with the list and more.
package struct ConversationLine {
    let messages: JSONValue
    /// What the template sees besides the messages.
    private(set) var variables: [String: JSONValue] = [:]
    private(set) var addGenerationPrompt: Bool

    private static let keys = [
        "messages", "tools", "documents", "add_generation_prompt", "chat_template_kwargs",
    ]

    /// Throws `LineProblem`, also for keys that would be overlooked.
    package init(_ line: String, addGenerationPrompt: Bool = true) throws(LineProblem) {
        let value = try LineProblem.json(line)
        self.addGenerationPrompt = addGenerationPrompt
        guard let members = value.members else {
            messages = try Self.messages(value)
            return
        }
        messages = try Self.messages(value["messages"])
        for member in members { try read(member) }
    }

    private mutating func read(_ member: JSONMember) throws(LineProblem) {
        switch member.key {
        case "messages": break
        case "tools", "documents": variables[member.key] = member.value
        case "add_generation_prompt":
            guard let flag = member.value.bool else {
                throw LineProblem("add_generation_prompt must be true or false")
            }
            addGenerationPrompt = flag
        case "chat_template_kwargs":
            guard let members = member.value.members else {
                throw LineProblem("chat_template_kwargs must be an object")
            }
            for member in members { variables[member.key] = member.value }
        default:
            throw LineProblem(
                "unknown key \(quotedString(member.key)); known are \(Self.keys.joined(separator: ", "))"
            )
        }
    }

    private static func messages(_ value: JSONValue?) throws(LineProblem) -> JSONValue {
        guard let value, let list = value.array, list.allSatisfy({ $0.members != nil }) else {
            throw LineProblem(
                "expected a list of messages, such as [{\"role\":\"user\",\"content\":\"…\"}], or an object "
                    + "with this list as \"messages\"")
        }
        return value
    }

    /// The prompt text. Throws `TemplateError`.
    package func rendered(
        by template: ChatTemplate, clock: TemplateClock
    ) throws(TemplateError) -> String {
        try template.render(
            messages: messages, addGenerationPrompt: addGenerationPrompt, variables: variables,
            clock: clock)
    }
}
