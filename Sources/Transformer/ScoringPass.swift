internal import Ports

/// Forward passes of one thread that keep nothing for a backward pass.
final class ScoringPass {
    private let model: Model
    private let tools: ThreadTools
    private let activations: Activations
    private let attentionMemory: AttentionMemory
    private let head: OutputHead

    init(_ model: Model, tools: ThreadTools) {
        self.model = model
        self.tools = tools
        activations = Activations(model.configuration, keeping: .nothing)
        attentionMemory = AttentionMemory(model.configuration)
        head = OutputHead(model, tools: tools)
    }

    func score(_ batch: PackedBatch, inverseTemperature: Float) -> TokenScores {
        var attention = PackedAttention(
            model: model.configuration, batch: batch, memory: attentionMemory, team: tools.team)
        model.forward(batch, activations: activations, tools: tools, attention: &attention)
        head.prepare(
            batch.predictionRows, of: activations.input(model.configuration.layerCount))
        return head.score(batch, inverseTemperature: inverseTemperature)
    }
}

extension TrainingPass {
    /// Leaves the block's gradient in `gradient`; `adding`: to what is there.
    func differentiate<Report>(
        _ groups: ArraySlice<TokenGroup>, _ inverseTemperature: Float, adding: Bool = false,
        loss: (TokenScores) throws -> BlockGradient<Report>
    ) throws -> Report {
        let batch = PackedBatch(groups)
        forward(batch)
        let scores = head.score(batch, inverseTemperature: inverseTemperature)
        let answer = try loss(scores)
        guard answer.gradient.count == batch.scoreCount else {
            throw TrainingError.wrongGradientCount(
                expected: batch.scoreCount, found: answer.gradient.count)
        }
        backward(
            batch, gradients: answer.gradient, inverseTemperature: inverseTemperature,
            adding: adding)
        return answer.report
    }
}
