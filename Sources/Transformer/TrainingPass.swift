internal import CKernels

/// Forward and backward passes of one thread of the learner.
final class TrainingPass {
    let model: Model
    let tools: ThreadTools
    let activations: Activations
    let attentionMemory: AttentionMemory
    let head: OutputHead
    let gradient: GradientSink
    /// Only what goes into each layer is kept; the rest is computed again in the backward pass.
    private let recomputes: Bool
    private let memory = GrowingBuffer()
    private let headScratch = GrowingBuffer()

    /// `gradient`: zero, for gaps between tensors must stay zero; `nil`: a buffer of the pass's own.
    init(
        _ model: Model, tools: ThreadTools, recomputes: Bool, valueHead: ValueHead?,
        gradient: FloatBuffer? = nil
    ) {
        self.model = model
        self.tools = tools
        self.recomputes = recomputes
        activations = Activations(model.configuration, keeping: recomputes ? .inputs : .layers)
        attentionMemory = AttentionMemory(model.configuration)
        head = OutputHead(model, tools: tools, valueHead: valueHead)
        self.gradient = GradientSink(
            gradient ?? FloatBuffer(zeros: model.layout.count + (valueHead?.count ?? 0)),
            model.layout, tools: tools)
    }

    func forward(_ batch: PackedBatch) {
        var attention = attention(batch)
        model.forward(batch, activations: activations, tools: tools, attention: &attention)
        head.prepare(
            batch.predictionRows, of: activations.input(model.configuration.layerCount))
    }

    func attention(_ batch: PackedBatch) -> PackedAttention {
        PackedAttention(
            model: model.configuration, batch: batch, memory: attentionMemory, team: tools.team)
    }

    /// Leaves the block's gradient in `gradient` after `forward` and the head's `score`, from the
    /// gradients of its scores; `adding`: to what is there.
    func backward(
        _ batch: PackedBatch, gradients: TokenGradients, inverseTemperature: Float,
        reference: OutputHead?, adding: Bool
    ) {
        let drows = ActivationGradients(model.configuration, rows: batch.rows, memory: memory)
        gradient.begin(adding: adding)
        drows.residual.update(repeating: 0, count: batch.rows * model.configuration.hiddenSize)
        head.backward(
            batch, gradients: gradients, inverseTemperature: inverseTemperature,
            reference: reference, into: gradient, drows: drows.residual, scratch: headScratch)
        for index in (0..<model.configuration.layerCount).reversed() {
            if recomputes { forward(layer: index, batch) }
            backwardFeedForward(index, drows)
            backwardAttention(index, batch, drows)
        }
        tools.clock.time(.rows) { addEmbeddingGradient(batch, drows.residual) }
    }

    /// The same bits as the first time.
    private func forward(layer index: Int, _ batch: PackedBatch) {
        var attention = attention(batch)
        batch.positions.withUnsafeBufferPointer { positions in
            model.forward(
                layer: index, positions: positions, activations: activations, tools: tools,
                attention: &attention)
        }
    }

    private func addEmbeddingGradient(_ batch: PackedBatch, _ drows: UnsafePointer<Float>) {
        let hidden = model.configuration.hiddenSize
        let table = gradient.pointer + model.layout.embedding.offset
        for (row, token) in batch.tokens.enumerated() {
            let target = table + Int(token) * hidden
            ck_add(target, drows + row * hidden, hidden, target)
        }
    }
}
