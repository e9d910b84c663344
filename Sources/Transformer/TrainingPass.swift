internal import CKernels

/// Forward and backward passes of one thread of the learner.
final class TrainingPass {
    let model: Model
    let products: MatrixProducts
    let activations: Activations
    let attentionMemory: AttentionMemory
    let head: OutputHead
    /// ∂loss/∂weights of one block, in the weights' layout.
    let gradient: FloatBuffer
    private let memory = GrowingBuffer()
    private let headScratch = GrowingBuffer()

    init(_ model: Model) {
        self.model = model
        products = MatrixProducts()
        activations = Activations(model.configuration, keepsLayers: true)
        attentionMemory = AttentionMemory(model.configuration)
        head = OutputHead(model, products: products)
        // Gaps between tensors must stay zero.
        gradient = FloatBuffer(zeros: model.layout.count)
    }

    func forward(_ batch: PackedBatch) {
        var attention = PackedAttention(
            model: model.configuration, batch: batch, memory: attentionMemory)
        model.forward(batch, activations: activations, products: products, attention: &attention)
        head.prepare(
            batch.predictionRows, of: activations.input(model.configuration.layerCount))
    }

    /// Fills `gradient` after `forward` and the head's `score`, from ∂loss/∂logprob of each target.
    func backward(_ batch: PackedBatch, gradients: [Float], inverseTemperature: Float) {
        let drows = Gradients(model.configuration, rows: batch.rows, memory: memory)
        clearSums()
        drows.residual.update(repeating: 0, count: batch.rows * model.configuration.hiddenSize)
        head.backward(
            batch, gradients: gradients, inverseTemperature: inverseTemperature,
            into: gradient.pointer, drows: drows.residual, scratch: headScratch)
        for index in (0..<model.configuration.layerCount).reversed() {
            backwardFeedForward(index, drows)
            backwardAttention(index, batch, drows)
        }
        addEmbeddingGradient(batch, drows.residual)
    }

    /// Products overwrite their part of the gradient; everything else adds to it.
    private func clearSums() {
        for entry in model.layout.entries where !entry.decays {
            (gradient.pointer + entry.offset).update(repeating: 0, count: entry.count)
        }
        guard model.layout.head != model.layout.embedding else { return }
        let count = model.configuration.vocabularySize * model.configuration.hiddenSize
        (gradient.pointer + model.layout.embedding).update(repeating: 0, count: count)
    }

    private func addEmbeddingGradient(_ batch: PackedBatch, _ drows: UnsafePointer<Float>) {
        let hidden = model.configuration.hiddenSize
        for (row, token) in batch.tokens.enumerated() {
            let target = gradient.pointer + model.layout.embedding + Int(token) * hidden
            ck_add(target, drows + row * hidden, hidden, target)
        }
    }

    /// x + down(silu(gate(n)) · up(n)), n = norm(x)
    private func backwardFeedForward(_ index: Int, _ d: Gradients) {
        let configuration = model.configuration
        let (hidden, width) = (configuration.hiddenSize, configuration.intermediateSize)
        let layer = activations.layer(index)
        let offsets = model.layout.layers[index]
        ck_swiglu(layer.gateUp, d.rows, width, activations.activated)
        weightGradient(d.residual, activations.activated, d.rows, hidden, width, offsets.down)
        inputGradient(d.residual, d.rows, offsets.down, hidden, width, into: d.activated)
        ck_swiglu_backward(layer.gateUp, d.activated, d.rows, width, d.wide)
        normAgain(layer.middle, layer.middleInverse, offsets.postNorm, d.rows)
        weightGradient(d.wide, activations.normed, d.rows, 2 * width, hidden, offsets.gateUp)
        inputGradient(d.wide, d.rows, offsets.gateUp, 2 * width, hidden, into: d.normed)
        backwardNorm(layer.middle, layer.middleInverse, offsets.postNorm, d)
    }

    /// x + output(attention(rotate(projection(n)))), n = norm(x)
    private func backwardAttention(_ index: Int, _ batch: PackedBatch, _ d: Gradients) {
        let configuration = model.configuration
        let (hidden, width) = (configuration.hiddenSize, configuration.projectionWidth)
        let layer = activations.layer(index)
        let offsets = model.layout.layers[index]
        weightGradient(
            d.residual, layer.mixed, d.rows, hidden, configuration.queryWidth, offsets.output)
        inputGradient(
            d.residual, d.rows, offsets.output, hidden, configuration.queryWidth, into: d.mixed)
        d.wide.update(repeating: 0, count: MatrixProducts.paddedRows(d.rows) * width + 16)
        PackedAttention(model: configuration, batch: batch, memory: attentionMemory)
            .backward(layer, dmixed: d.mixed, dprojection: d.wide)
        batch.positions.withUnsafeBufferPointer { positions in
            ck_rotate_back(
                d.wide, d.rows, width, configuration.headCount + configuration.keyValueHeadCount,
                configuration.headSize, positions.baseAddress, model.rotary.cosines.pointer,
                model.rotary.sines.pointer)
        }
        if let bias = offsets.projectionBias {
            ck_add_column_sums(d.wide, d.rows, width, gradient.pointer + bias)
        }
        let input = activations.input(index)
        normAgain(input, layer.inputInverse, offsets.inputNorm, d.rows)
        weightGradient(d.wide, activations.normed, d.rows, width, hidden, offsets.projection)
        inputGradient(d.wide, d.rows, offsets.projection, width, hidden, into: d.normed)
        backwardNorm(input, layer.inputInverse, offsets.inputNorm, d)
    }

    /// gradient at `offset` [outputs][inputs] = doutᵀ · input.
    private func weightGradient(
        _ dout: UnsafePointer<Float>, _ input: UnsafePointer<Float>, _ rows: Int, _ outputs: Int,
        _ inputs: Int, _ offset: Int
    ) {
        products.multiplyTransposed(
            dout, input, rows: rows, m: outputs, n: inputs, into: gradient.pointer + offset)
    }

    /// dinput = dout · weights [outputs][inputs].
    private func inputGradient(
        _ dout: UnsafePointer<Float>, _ rows: Int, _ offset: Int, _ outputs: Int, _ inputs: Int,
        into dinput: UnsafeMutablePointer<Float>
    ) {
        products.multiply(
            dout, rows: rows, by: model.values + offset, k: outputs, n: inputs, into: dinput)
    }

    private func normAgain(
        _ input: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, _ offset: Int, _ rows: Int
    ) {
        ck_rms_norm_again(
            input, model.values + offset, inverse, rows, model.configuration.hiddenSize,
            activations.normed)
    }

    private func backwardNorm(
        _ input: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, _ offset: Int,
        _ d: Gradients
    ) {
        ck_rms_norm_backward(
            input, model.values + offset, inverse, d.normed, d.rows, model.configuration.hiddenSize,
            d.residual, gradient.pointer + offset)
    }
}

/// Gradients of activations; padded rows are zero.
private struct Gradients {
    let rows: Int
    /// [rows][hidden]: of the residual stream.
    let residual: UnsafeMutablePointer<Float>
    /// [rows][hidden]
    let normed: UnsafeMutablePointer<Float>
    /// [rows][queries]
    let mixed: UnsafeMutablePointer<Float>
    /// [rows][intermediate]
    let activated: UnsafeMutablePointer<Float>
    /// [rows][2 · intermediate] or [rows][projection]
    let wide: UnsafeMutablePointer<Float>

    init(_ model: ModelConfiguration, rows: Int, memory: GrowingBuffer) {
        self.rows = rows
        let padded = MatrixProducts.paddedRows(rows)
        let wideWidth = max(2 * model.intermediateSize, model.projectionWidth)
        let perRow = 2 * model.hiddenSize + model.queryWidth + model.intermediateSize + wideWidth
        var allocator = MatrixAllocator(
            start: memory.reserve(perRow * padded + 5 * 32), rows: rows, padded: padded)
        residual = allocator.matrix(model.hiddenSize)
        normed = allocator.matrix(model.hiddenSize)
        mixed = allocator.matrix(model.queryWidth)
        activated = allocator.matrix(model.intermediateSize)
        wide = allocator.matrix(wideWidth)
    }
}
