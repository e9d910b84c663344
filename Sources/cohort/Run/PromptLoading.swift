import GRPO
import Ports
import Tasks
import Tokenization
import Training
import Transformer

/// The prompts of a run: of a data file, or of the built-in task.
struct PromptLoading: Sendable {
    private let configuration: RunConfiguration
    private let model: ModelDirectory

    init(_ configuration: RunConfiguration, model: ModelDirectory) {
        self.configuration = configuration
        self.model = model
    }

    /// Prompts to train on. Throws `CommandFailure` with exit code 65 for a bad row.
    func trainingPrompts() throws -> [TrainingPrompt] {
        try rows(file: configuration.data.path, items: \.training).map(TrainingPrompt.init)
    }

    /// At most `data.eval_prompts` prompts that are never trained on. Without a file for them, the
    /// built-in task has its own; a data file without held-out prompts is evaluated on itself.
    func heldOutPrompts() throws -> [TrainingPrompt] {
        let file = configuration.data.evalPath.isEmpty ? configuration.data.path : configuration.data.evalPath
        return try rows(file: file, items: \.heldOut).prefix(configuration.data.evalPrompts)
            .map(TrainingPrompt.init)
    }

    /// Training prompts with worked answers, for supervised learning.
    func workedExamples() throws -> [WarmupExample] {
        guard let stop = model.stopTokens.first else {
            throw CommandFailure(
                "model \(model.path) has no eos_token_id, so no answer could ever end; set it in config.json",
                .badData)
        }
        return try rows(file: configuration.data.path, items: \.training).map { row in
            guard let answer = row.answer else {
                throw CommandFailure(
                    "\(configuration.data.path):\(row.line): the column \"answer\" is missing; supervised "
                        + "learning needs it", .badData)
            }
            let tokens = model.tokenizer.encode(answer, addSpecialTokens: false)
            return WarmupExample(prompt: TrainingPrompt(row), answer: tokens + [stop])
        }
    }

    private func rows(
        file: String, items: KeyPath<AdditionTask, [TaskItem]>
    ) throws -> [PromptRow] {
        let limit = model.configuration.maxPositions - configuration.grpo.maxCompletionLength
        guard limit > 0 else {
            throw CommandFailure(
                "grpo.max_completion_length = \(configuration.grpo.maxCompletionLength) leaves no room for a "
                    + "prompt: the model's context is \(model.configuration.maxPositions) tokens",
                .configuration)
        }
        do {
            if file.isEmpty {
                let task = AdditionTask(seed: configuration.run.seed)
                return try task.promptSet(
                    of: task[keyPath: items], tokenizer: model.tokenizer, contextLimit: limit).rows
            }
            let reading = PromptReading(
                tokenizer: model.tokenizer, template: try ChatTemplate.load(directory: model.path),
                contextLimit: limit,
                answerCheck: Graders.answerCheck(
                    names: configuration.reward.names, tokenizer: model.tokenizer,
                    stopTokens: model.stopTokens))
            return try PromptSet(file: file, reading: reading).rows
        } catch let error as DataError {
            if case .unreadable = error.problem { throw CommandFailure("\(error)", .noInput) }
            throw CommandFailure("\(error)", .badData)
        } catch let error as TemplateError {
            throw CommandFailure("\(error)", .badData)
        }
    }
}

extension TrainingPrompt {
    init(_ row: PromptRow) { self.init(tokens: row.tokens, columns: row.columns) }
}
