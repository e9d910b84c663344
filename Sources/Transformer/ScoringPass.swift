internal import Ports

/// Forward passes of one thread that keep nothing for a backward pass.
final class ScoringPass {
    private let model: Model
    private let tools: ThreadTools
    private let activations: Activations
    private let attentionMemory: AttentionMemory
    let head: OutputHead

    init(_ model: Model, tools: ThreadTools, valueHead: ValueHead?) {
        self.model = model
        self.tools = tools
        activations = Activations(model.configuration, keeping: .nothing)
        attentionMemory = AttentionMemory(model.configuration)
        head = OutputHead(model, tools: tools, valueHead: valueHead)
    }

    /// Leaves the normalised rows that predict in `head`.
    func forward(_ batch: PackedBatch) {
        var attention = PackedAttention(
            model: model.configuration, batch: batch, memory: attentionMemory, team: tools.team)
        model.forward(batch, activations: activations, tools: tools, attention: &attention)
        head.prepare(
            batch.predictionRows, of: activations.input(model.configuration.layerCount))
    }

    func score(_ batch: PackedBatch, inverseTemperature: Float) -> TokenScores {
        forward(batch)
        return head.score(batch, inverseTemperature: inverseTemperature)
    }
}

extension TrainingPass {
    /// Leaves the block's gradient in `gradient`; `adding`: to what is there. `reference`: of the
    /// reference policy, where divergences from it are asked for.
    func differentiate<Report>(
        _ groups: ArraySlice<TokenGroup>, _ inverseTemperature: Float,
        reference: ScoringPass?, adding: Bool = false,
        loss: (TokenScores) throws -> BlockGradient<Report>
    ) throws -> Report {
        let batch = PackedBatch(groups)
        reference?.forward(batch)
        forward(batch)
        let scores = head.score(
            batch, inverseTemperature: inverseTemperature, reference: reference?.head)
        let answer = try loss(scores)
        backward(
            batch, gradients: try TokenGradients(answer, of: scores),
            inverseTemperature: inverseTemperature, reference: reference?.head, adding: adding)
        return answer.report
    }
}
