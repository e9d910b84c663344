/// What happens to messages before a template sees them, as `apply_chat_template` of Transformers 5 has it.
enum ChatMessages {
    /// The names under which a message's reasoning is passed; templates read the first.
    private static let reasoningKeys = ["reasoning_content", "thinking", "reasoning"]

    /// Members that are null are left out, since templates can tell a missing member but write null as
    /// "None"; and reasoning is there under the names that templates know. What is no list stays.
    static func normalized(_ messages: JSONValue) throws(TemplateFault) -> JSONValue {
        guard let list = messages.array else { return messages }
        var result: [JSONValue] = []
        for message in list {
            guard let members = message.members else {
                throw .evaluation("a message must be an object, not \(message.kind)")
            }
            result.append(.object(aliased(members.filter { !$0.value.isNull })))
        }
        return .array(result)
    }

    private static func aliased(_ members: [JSONMember]) -> [JSONMember] {
        let message = JSONValue.object(members)
        guard let reasoning = reasoningKeys.lazy.compactMap({ message[$0] }).first else {
            return members
        }
        var result = members
        if message["thinking"] == nil { result.insert(JSONMember("thinking", reasoning), at: 0) }
        // The last of several members with one name counts.
        result.append(JSONMember("reasoning_content", reasoning))
        return result
    }
}
