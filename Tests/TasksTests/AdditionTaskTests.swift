import Tasks
import Testing
import Tokenization

@Suite("The addition task")
struct AdditionTaskTests {
    @Test("Training and held-out sets are disjoint and make up all 8,100 pairs")
    func disjoint() {
        let task = AdditionTask(seed: 7, heldOutFraction: 0.1)
        #expect(task.heldOut.count == 810)
        #expect(task.training.count == 7290)
        let prompts = Set(task.training.map(\.prompt))
        let held = Set(task.heldOut.map(\.prompt))
        #expect(prompts.count == 7290)
        #expect(held.count == 810)
        #expect(prompts.isDisjoint(with: held))
        #expect(prompts.contains("10+10=") || held.contains("10+10="))
        #expect(prompts.contains("99+99=") || held.contains("99+99="))
    }

    @Test("Every answer is the sum")
    func answers() throws {
        for item in AdditionTask(seed: 3).training {
            let parts = item.prompt.dropLast().split(separator: "+").compactMap { Int($0) }
            #expect(item.prompt.hasSuffix("="))
            #expect(parts.count == 2)
            #expect(parts.allSatisfy { (10...99).contains($0) })
            #expect(String(parts.reduce(0, +)) == item.answer)
        }
    }

    @Test("The seed decides the split, and only the seed")
    func seeds() {
        #expect(AdditionTask(seed: 1).training == AdditionTask(seed: 1).training)
        #expect(AdditionTask(seed: 1).training != AdditionTask(seed: 2).training)
        #expect(Set(AdditionTask(seed: 1).heldOut) != Set(AdditionTask(seed: 2).heldOut))
        // A larger share holds out what a smaller one does, and more.
        let small = Set(AdditionTask(seed: 5, heldOutFraction: 0.05).heldOut)
        #expect(small.count == 405)
        #expect(small.isSubset(of: Set(AdditionTask(seed: 5, heldOutFraction: 0.2).heldOut)))
        #expect(AdditionTask(seed: 5, heldOutFraction: 0).heldOut.isEmpty)
    }

    @Test("The order for a seed never changes: runs must stay comparable")
    func stability() {
        let first = AdditionTask(seed: 42).training.prefix(4).map(\.prompt)
        #expect(first == ["52+11=", "83+97=", "93+38=", "59+86="])
    }

    @Test("Worked examples are the answer's tokens and the stop token")
    func workedExamples() throws {
        let task = AdditionTask(seed: 1)
        let tokenizer = try Tokenizer(json: Array(Tokenizer.arithmeticJSON().utf8))
        let stop = try #require(tokenizer.id(of: "<|im_end|>"))
        let examples = try task.workedExamples(
            of: task.heldOut, tokenizer: tokenizer, stopToken: stop)
        #expect(examples.count == task.heldOut.count)
        for (example, item) in zip(examples, task.heldOut) {
            #expect(tokenizer.decode(example.prompt) == item.prompt)
            #expect(example.completion.last == stop)
            #expect(tokenizer.decode(example.completion.dropLast()) == item.answer)
            #expect(example.completion.count == item.answer.count + 1)
        }
    }

    @Test("Items become prompt rows whose columns hold the answer")
    func promptSet() throws {
        let task = AdditionTask(seed: 1)
        let tokenizer = try Tokenizer(json: Array(Tokenizer.arithmeticJSON().utf8))
        let rows = try task.promptSet(of: task.heldOut, tokenizer: tokenizer, contextLimit: 6).rows
        #expect(rows.count == 810)
        #expect(rows[3].line == 4)
        #expect(rows[3].text == task.heldOut[3].prompt)
        #expect(rows[3].answer == task.heldOut[3].answer)
        #expect(rows[3].columns == "{\"answer\":\"\(task.heldOut[3].answer)\"}")
        let error = #expect(throws: DataError.self) {
            try task.promptSet(
                of: [
                    TaskItem(prompt: "1+1=", answer: "2"), TaskItem(prompt: "10+10=", answer: "20"),
                ],
                tokenizer: tokenizer, contextLimit: 5)
        }
        #expect(
            error?.description
                == "task addition:2: the prompt has 6 tokens, more than the limit of 5")
    }

    @Test("A vocabulary without the task's characters is refused")
    func wrongVocabulary() throws {
        let letters = try Tokenizer(
            json: Array(#"{"model":{"vocab":{"a":0,"1":1,"+":2,"=":3},"merges":[]}}"#.utf8))
        let error = #expect(throws: DataError.self) {
            try AdditionTask(seed: 1).workedExamples(
                of: [TaskItem(prompt: "1+1=", answer: "2")], tokenizer: letters, stopToken: 0)
        }
        #expect(
            error?.description
                == "task addition:1: the column \"answer\" has 1 character that the tokenizer has no token for"
        )
    }
}
