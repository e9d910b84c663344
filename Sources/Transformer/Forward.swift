internal import CKernels
internal import Ports

/// How the rows of a forward pass see one another.
protocol AttentionPattern {
    /// Attention of one layer. `projection` holds rotated queries and keys, and values; `mixed` and
    /// `statistics` are written.
    mutating func attend(layer: Int, _ activations: Activations.Layer)
}

extension Model {
    /// Runs all layers over rows of tokens; the result is the last of `activations.inputs`.
    func forward(
        tokens: UnsafeBufferPointer<Int32>, positions: UnsafeBufferPointer<Int32>,
        activations: Activations, tools: ThreadTools, attention: inout some AttentionPattern
    ) {
        activations.prepare(rows: tokens.count)
        tools.clock.time(.rows) { embed(tokens, into: activations.input(0)) }
        for index in 0..<configuration.layerCount {
            forward(
                layer: index, positions: positions, activations: activations, tools: tools,
                attention: &attention)
        }
    }

    private func embed(
        _ tokens: UnsafeBufferPointer<Int32>, into rows: UnsafeMutablePointer<Float>
    ) {
        let hidden = configuration.hiddenSize
        for (row, token) in tokens.enumerated() {
            embedding.copy(token, hidden, into: rows + row * hidden)
        }
    }

    /// From `activations.input(index)` to `activations.input(index + 1)`.
    func forward(
        layer index: Int, positions: UnsafeBufferPointer<Int32>, activations: Activations,
        tools: ThreadTools, attention: inout some AttentionPattern
    ) {
        let (rows, hidden) = (activations.rows, configuration.hiddenSize)
        let (layer, matrices) = (activations.layer(index), layers[index])
        let (normed, delta) = (activations.normed, activations.delta)
        let clock = tools.clock
        let input = activations.input(index)
        let offsets = layout.layers[index]

        clock.time(.rows) { norm(input, offsets.inputNorm, rows, into: normed, layer.inputInverse) }
        tools.multiply(normed, rows: rows, by: matrices.projection, into: layer.projection)
        clock.time(.rows) { position(layer, offsets, positions) }
        clock.time(.attention) { attention.attend(layer: index, layer) }
        tools.multiply(layer.mixed, rows: rows, by: matrices.output, into: delta)
        clock.time(.rows) {
            ck_add(input, delta, rows * hidden, layer.middle)
            norm(layer.middle, offsets.postNorm, rows, into: normed, layer.middleInverse)
        }
        tools.multiply(normed, rows: rows, by: matrices.gateUp, into: layer.gateUp)
        clock.time(.rows) {
            ck_swiglu(layer.gateUp, rows, configuration.intermediateSize, activations.activated)
        }
        tools.multiply(activations.activated, rows: rows, by: matrices.down, into: delta)
        clock.time(.rows) {
            ck_add(layer.middle, delta, rows * hidden, activations.input(index + 1))
        }
    }

    /// Bias, norm of heads, and rotation of queries and keys; rounding of keys and values.
    private func position(
        _ layer: Activations.Layer, _ offsets: WeightLayout.Layer,
        _ positions: UnsafeBufferPointer<Int32>
    ) {
        let model = configuration
        if let query = offsets.queryNorm, let key = offsets.keyNorm {
            ck_norm_heads(
                layer.projection, positions.count, model.projectionWidth, model.headCount,
                model.keyValueHeadCount, model.headSize, vectors + query, vectors + key,
                model.normEpsilon, layer.rawHeads, layer.headInverse)
        }
        ck_bias_and_rotate(
            layer.projection, offsets.projectionBias.map { vectors + $0 }, positions.count,
            model.projectionWidth, model.rotatedHeadCount, model.headSize, positions.baseAddress,
            rotary.cosines.pointer, rotary.sines.pointer)
        guard type == .bfloat16 else { return }
        // Keys and values are kept in the compute type while decoding, so all passes round them.
        for row in 0..<positions.count {
            ck_keep_bf16(
                layer.projection + row * model.projectionWidth + model.queryWidth,
                2 * model.keyValueWidth)
        }
    }

    /// RMSNorm with the weight at `offset`.
    func norm(
        _ rows: UnsafePointer<Float>, _ offset: Int, _ count: Int,
        into normed: UnsafeMutablePointer<Float>, _ inverse: UnsafeMutablePointer<Float>
    ) {
        ck_rms_norm(
            rows, vectors + offset, count, configuration.hiddenSize, configuration.normEpsilon,
            normed, inverse)
    }
}
