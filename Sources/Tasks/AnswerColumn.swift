internal import Tokenization

/// The answer of a row: the column `answer`, else `solution`; a null column counts as absent.
struct AnswerColumn {
    let name: String
    /// Numbers as they were written.
    let text: String

    init?(_ columns: [JSONMember]) throws(AnswerProblem) {
        for name in ["answer", "solution"] {
            switch columns.value(name) {
            case nil, .null?: continue
            case .string(let text)?, .number(let text)?:
                self.name = name
                self.text = text
                return
            case let other?: throw AnswerProblem(column: name, kind: other.kind)
            }
        }
        return nil
    }
}

/// An answer that is neither text nor number.
struct AnswerProblem: Error {
    var column: String
    var kind: String
}

/// What a grader demands of a row's answer before the run starts.
package struct AnswerCheck: Sendable {
    /// The grader's name, for messages.
    package var grader: String
    /// Why the answer cannot be used, as the end of a sentence; `nil` where it can.
    package var objection: @Sendable (String) -> String?

    package init(grader: String, objection: @escaping @Sendable (String) -> String?) {
        self.grader = grader
        self.objection = objection
    }
}
