/// A row of training data that cannot be used. A bad row is never skipped: a run that silently trains
/// on less than it was given is worse than one that does not start.
package struct DataError: Error, Hashable, CustomStringConvertible {
    package struct Place: Hashable, Sendable {
        package var file: String
        /// From 1; `nil` where the whole file is meant.
        package var line: Int?

        package init(file: String, line: Int? = nil) {
            self.file = file
            self.line = line
        }
    }

    package enum Problem: Hashable, Sendable {
        case unreadable(String)
        case noRows
        case invalidJSON(column: Int, message: String)
        case notAnObject(kind: String)
        case duplicateColumn(String)
        case missingColumn(String, remedy: String)
        case wrongType(column: String, expected: String, found: String)
        case emptyPrompt
        case unknownRole(column: String, role: String)
        case noChatTemplate
        case template(String)
        case unusableAnswer(column: String, reason: String)
        case inexpressible(column: String, count: Int)
        case tooLong(tokens: Int, limit: Int)
    }

    package var place: Place
    package var problem: Problem

    package init(place: Place, problem: Problem) {
        self.place = place
        self.problem = problem
    }

    package var description: String {
        "\(place.file)\(place.line.map { ":\($0)" } ?? ""): \(problem.sentence)"
    }
}

extension DataError.Problem {
    fileprivate var sentence: String {
        switch self {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .noRows: "there are no rows; one JSON object per line is expected"
        case .invalidJSON(let column, let message): "invalid JSON at column \(column): \(message)"
        case .notAnObject(let kind): "a row must be a JSON object, not \(kind)"
        case .duplicateColumn(let name): "the column \"\(name)\" is there twice"
        case .missingColumn(let name, let remedy): "the column \"\(name)\" is missing; \(remedy)"
        case .wrongType(let column, let expected, let found):
            "the column \"\(column)\" must be \(expected), not \(found)"
        case .emptyPrompt: "the column \"prompt\" is empty"
        case .unknownRole(let column, let role):
            "the column \"\(column)\" is \"\(role)\"; known roles are \(MessageReader.rolesInWords)"
        case .noChatTemplate:
            "the prompt is a conversation, but the model has no chat template; use text prompts or add "
                + "chat_template.jinja to the model's directory"
        case .template(let error): "the prompt cannot be rendered: \(error)"
        case .unusableAnswer(let column, let reason): "the column \"\(column)\" \(reason)"
        case .inexpressible(let column, let count):
            "the column \"\(column)\" has \(count) character\(count == 1 ? "" : "s") that the "
                + "tokenizer has no token for"
        case .tooLong(let tokens, let limit):
            "the prompt has \(tokens) tokens, more than the limit of \(limit)"
        }
    }
}
