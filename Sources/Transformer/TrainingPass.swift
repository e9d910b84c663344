internal import CKernels

/// Forward and backward passes of one thread of the learner.
final class TrainingPass {
    let model: Model
    let tools: ThreadTools
    let activations: Activations
    let attentionMemory: AttentionMemory
    let head: OutputHead
    /// ∂loss/∂weights of one block, in the weights' layout.
    let gradient: FloatBuffer
    /// Only what goes into each layer is kept; the rest is computed again in the backward pass.
    private let recomputes: Bool
    private let memory = GrowingBuffer()
    private let headScratch = GrowingBuffer()

    init(_ model: Model, tools: ThreadTools, recomputes: Bool) {
        self.model = model
        self.tools = tools
        self.recomputes = recomputes
        activations = Activations(model.configuration, keeping: recomputes ? .inputs : .layers)
        attentionMemory = AttentionMemory(model.configuration)
        head = OutputHead(model, tools: tools)
        // Gaps between tensors must stay zero.
        gradient = FloatBuffer(zeros: model.layout.count)
    }

    func forward(_ batch: PackedBatch) {
        var attention = attention(batch)
        model.forward(batch, activations: activations, tools: tools, attention: &attention)
        head.prepare(
            batch.predictionRows, of: activations.input(model.configuration.layerCount))
    }

    private func attention(_ batch: PackedBatch) -> PackedAttention {
        PackedAttention(model: model.configuration, batch: batch, memory: attentionMemory)
    }

    /// Fills `gradient` after `forward` and the head's `score`, from ∂loss/∂logprob of each target.
    func backward(_ batch: PackedBatch, gradients: [Float], inverseTemperature: Float) {
        let drows = ActivationGradients(model.configuration, rows: batch.rows, memory: memory)
        clearSums()
        drows.residual.update(repeating: 0, count: batch.rows * model.configuration.hiddenSize)
        head.backward(
            batch, gradients: gradients, inverseTemperature: inverseTemperature,
            into: gradient.pointer, drows: drows.residual, scratch: headScratch)
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

    /// Products overwrite their part of the gradient; everything else adds to it.
    private func clearSums() {
        let layout = model.layout
        gradient.pointer.update(repeating: 0, count: layout.vectorCount)
        guard layout.head != layout.embedding else { return }
        (gradient.pointer + layout.embedding.offset).update(
            repeating: 0, count: layout.embedding.count)
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
