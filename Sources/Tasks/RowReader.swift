internal import Tokenization

/// Reads one line of a data set.
struct RowReader {
    let place: DataError.Place
    let reading: PromptReading

    func row(_ line: [UInt8]) throws(DataError) -> PromptRow {
        let columns = try columns(line)
        guard let prompt = columns.value("prompt") else {
            throw fault(.missingColumn("prompt", remedy: "every row needs one"))
        }
        let (text, isRendered) = try text(of: prompt)
        let answer = try answer(columns)
        let tokens = try checkedTokens(
            text, "prompt", place, reading.tokenizer, addSpecialTokens: !isRendered)
        guard !tokens.isEmpty else { throw fault(.emptyPrompt) }
        try checkLength(tokens, place, limit: reading.contextLimit)
        let others = JSONValue.object(columns.filter { !sameScalars($0.key, "prompt") })
        return PromptRow(
            tokens: tokens, columns: others.compactText, answer: answer, line: place.line ?? 0,
            text: text)
    }

    private func columns(_ line: [UInt8]) throws(DataError) -> [JSONMember] {
        let value: JSONValue
        do { value = try JSONParser.parse(line) } catch {
            throw fault(.invalidJSON(column: error.column, message: error.message))
        }
        guard let columns = value.members else { throw fault(.notAnObject(kind: value.kind)) }
        var names: Set<[UInt8]> = []
        for column in columns where !names.insert(Array(column.key.utf8)).inserted {
            throw fault(.duplicateColumn(column.key))
        }
        return columns
    }

    /// The prompt as text, and whether a template made it.
    private func text(of prompt: JSONValue) throws(DataError) -> (String, isRendered: Bool) {
        if let text = prompt.string {
            guard !text.isEmpty else { throw fault(.emptyPrompt) }
            return (text, false)
        }
        guard let messages = prompt.array else {
            throw fault(
                .wrongType(
                    column: "prompt", expected: "a string or a list of messages", found: prompt.kind
                ))
        }
        try MessageReader(place: place).check(messages)
        guard let template = reading.template else { throw fault(.noChatTemplate) }
        do {
            return (try template.render(messages: prompt, clock: reading.clock), true)
        } catch {
            throw fault(.template(error.description))
        }
    }

    private func answer(_ columns: [JSONMember]) throws(DataError) -> String? {
        let found: AnswerColumn?
        do { found = try AnswerColumn(columns) } catch {
            throw fault(
                .wrongType(
                    column: error.column, expected: "a string or a number", found: error.kind))
        }
        guard let check = reading.answerCheck else { return found?.text }
        guard let found else {
            throw fault(
                .missingColumn(
                    "answer", remedy: "the grader \"\(check.grader)\" needs it (or \"solution\")"))
        }
        if let reason = check.objection(found.text) {
            throw fault(.unusableAnswer(column: found.name, reason: reason))
        }
        return found.text
    }

    func fault(_ problem: DataError.Problem) -> DataError {
        DataError(place: place, problem: problem)
    }
}

extension [JSONMember] {
    func value(_ name: String) -> JSONValue? { first { sameScalars($0.key, name) }?.value }
}

/// The ids of a text that the tokenizer must express in full.
func checkedTokens(
    _ text: String, _ column: String, _ place: DataError.Place, _ tokenizer: Tokenizer,
    addSpecialTokens: Bool = true
) throws(DataError) -> [Int32] {
    let encoding = tokenizer.encoding(of: text, addSpecialTokens: addSpecialTokens)
    guard encoding.droppedCharacters == 0 else {
        throw DataError(
            place: place,
            problem: .inexpressible(column: column, count: encoding.droppedCharacters))
    }
    return encoding.ids
}

func checkLength(_ tokens: [Int32], _ place: DataError.Place, limit: Int) throws(DataError) {
    guard tokens.count <= limit else {
        throw DataError(place: place, problem: .tooLong(tokens: tokens.count, limit: limit))
    }
}
