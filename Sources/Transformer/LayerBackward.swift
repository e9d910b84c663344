internal import CKernels

/// The backward pass of one layer: its two halves, from the gradient of what comes out of the residual
/// stream to the gradient of what went in.
extension TrainingPass {
    /// x + down(silu(gate(n)) · up(n)), n = norm(x)
    func backwardFeedForward(_ index: Int, _ d: ActivationGradients) {
        let width = model.configuration.intermediateSize
        let layer = activations.layer(index)
        let offsets = model.layout.layers[index]
        tools.clock.time(.rows) { ck_swiglu(layer.gateUp, d.rows, width, activations.activated) }
        gradient.add(d.residual, activations.activated, rows: d.rows, to: offsets.down)
        inputGradient(d.residual, d.rows, 4 * index + 3, into: d.activated)
        tools.clock.time(.rows) {
            ck_swiglu_backward(layer.gateUp, d.activated, d.rows, width, d.wide)
            normAgain(layer.middle, layer.middleInverse, offsets.postNorm, d.rows)
        }
        gradient.add(d.wide, activations.normed, rows: d.rows, to: offsets.gateUp)
        inputGradient(d.wide, d.rows, 4 * index + 2, into: d.normed)
        tools.clock.time(.rows) {
            backwardNorm(layer.middle, layer.middleInverse, offsets.postNorm, d)
        }
    }

    /// x + output(attention(rotate(projection(n)))), n = norm(x)
    func backwardAttention(_ index: Int, _ batch: PackedBatch, _ d: ActivationGradients) {
        let layer = activations.layer(index)
        let offsets = model.layout.layers[index]
        gradient.add(d.residual, layer.mixed, rows: d.rows, to: offsets.output)
        inputGradient(d.residual, d.rows, 4 * index + 1, into: d.mixed)
        tools.clock.time(.attention) {
            let width = model.configuration.projectionWidth
            d.wide.update(repeating: 0, count: MatrixProducts.paddedRows(d.rows) * width + 16)
            attention(batch).backward(layer, dmixed: d.mixed, dprojection: d.wide)
        }
        let input = activations.input(index)
        tools.clock.time(.rows) {
            backwardPositions(layer, offsets, batch, d)
            normAgain(input, layer.inputInverse, offsets.inputNorm, d.rows)
        }
        gradient.add(d.wide, activations.normed, rows: d.rows, to: offsets.projection)
        inputGradient(d.wide, d.rows, 4 * index, into: d.normed)
        tools.clock.time(.rows) { backwardNorm(input, layer.inputInverse, offsets.inputNorm, d) }
    }

    /// Rotation, norm of heads, and bias, in place on the projection's gradient.
    private func backwardPositions(
        _ layer: Activations.Layer, _ offsets: WeightLayout.Layer, _ batch: PackedBatch,
        _ d: ActivationGradients
    ) {
        let (model, gradient) = (model.configuration, gradient.pointer)
        batch.positions.withUnsafeBufferPointer { positions in
            ck_rotate_back(
                d.wide, d.rows, model.projectionWidth, model.rotatedHeadCount, model.headSize,
                positions.baseAddress, self.model.rotary.cosines.pointer,
                self.model.rotary.sines.pointer)
        }
        if let query = offsets.queryNorm, let key = offsets.keyNorm {
            ck_norm_heads_backward(
                d.wide, d.rows, model.projectionWidth, model.headCount, model.keyValueHeadCount,
                model.headSize, self.model.vectors + query, self.model.vectors + key,
                layer.rawHeads, layer.headInverse, gradient + query, gradient + key)
        }
        if let bias = offsets.projectionBias {
            ck_add_column_sums(d.wide, d.rows, model.projectionWidth, gradient + bias)
        }
    }

    /// dinput = dout · weights; `matrix` as in `Model.multiplyBackward`.
    private func inputGradient(
        _ dout: UnsafePointer<Float>, _ rows: Int, _ matrix: Int,
        into dinput: UnsafeMutablePointer<Float>
    ) {
        tools.multiplyBackward(dout, rows: rows, model, matrix: matrix, into: dinput)
    }

    private func normAgain(
        _ input: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, _ offset: Int, _ rows: Int
    ) {
        ck_rms_norm_again(
            input, model.vectors + offset, inverse, rows, model.configuration.hiddenSize,
            activations.normed)
    }

    private func backwardNorm(
        _ input: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, _ offset: Int,
        _ d: ActivationGradients
    ) {
        ck_rms_norm_backward(
            input, model.vectors + offset, inverse, d.normed, d.rows,
            model.configuration.hiddenSize, d.residual, gradient.pointer + offset)
    }
}
