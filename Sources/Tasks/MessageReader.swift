internal import Tokenization

/// Checks the messages of a conversational prompt before a template sees them.
struct MessageReader {
    static let roles = ["system", "developer", "user", "assistant", "tool"]

    static var rolesInWords: String {
        roles.dropLast().joined(separator: ", ") + " and " + (roles.last ?? "")
    }

    let place: DataError.Place

    func check(_ messages: [JSONValue]) throws(DataError) {
        guard !messages.isEmpty else { throw fault(.emptyPrompt) }
        for (index, message) in messages.enumerated() {
            let column = "prompt[\(index)]"
            guard message.members != nil else {
                throw fault(
                    .wrongType(column: column, expected: "a message object", found: message.kind))
            }
            try checkRole(message, column + ".role")
            try checkContent(message, column + ".content")
        }
    }

    private func checkRole(_ message: JSONValue, _ column: String) throws(DataError) {
        guard let role = message["role"] else {
            throw fault(.missingColumn(column, remedy: "every message needs one"))
        }
        guard let name = role.string else {
            throw fault(.wrongType(column: column, expected: "a string", found: role.kind))
        }
        guard Self.roles.contains(name) else {
            throw fault(.unknownRole(column: column, role: name))
        }
    }

    /// Content may be missing or null only where tool calls stand in its place.
    private func checkContent(_ message: JSONValue, _ column: String) throws(DataError) {
        let hasCalls = message["tool_calls"]?.array?.isEmpty == false
        switch message["content"] {
        case .string?: return
        case nil:
            if hasCalls { return }
            throw fault(.missingColumn(column, remedy: "every message needs one"))
        case .null? where hasCalls: return
        case let other?:
            throw fault(.wrongType(column: column, expected: "a string", found: other.kind))
        }
    }

    private func fault(_ problem: DataError.Problem) -> DataError {
        DataError(place: place, problem: problem)
    }
}
