internal import CKernels

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
        activations: Activations, products: MatrixProducts, attention: inout some AttentionPattern
    ) {
        activations.prepare(rows: tokens.count)
        embed(tokens, into: activations.input(0))
        for index in 0..<configuration.layerCount {
            forward(
                layer: index, positions: positions, activations: activations, products: products,
                attention: &attention)
        }
    }

    private func embed(
        _ tokens: UnsafeBufferPointer<Int32>, into rows: UnsafeMutablePointer<Float>
    ) {
        let hidden = configuration.hiddenSize
        let table = values + layout.embedding
        for (row, token) in tokens.enumerated() {
            (rows + row * hidden).update(from: table + Int(token) * hidden, count: hidden)
        }
    }

    private func forward(
        layer index: Int, positions: UnsafeBufferPointer<Int32>, activations: Activations,
        products: MatrixProducts, attention: inout some AttentionPattern
    ) {
        let rows = activations.rows
        let hidden = configuration.hiddenSize
        let layer = activations.layer(index)
        let matrices = layers[index]
        let offsets = layout.layers[index]
        let (normed, delta) = (activations.normed, activations.delta)
        let input = activations.input(index)

        norm(input, offsets.inputNorm, rows, into: normed, layer.inputInverse)
        products.multiply(normed, rows: rows, by: matrices.projection, into: layer.projection)
        ck_bias_and_rotate(
            layer.projection, offsets.projectionBias.map { values + $0 }, rows,
            configuration.projectionWidth,
            configuration.headCount + configuration.keyValueHeadCount, configuration.headSize,
            positions.baseAddress, rotary.cosines.pointer, rotary.sines.pointer)
        attention.attend(layer: index, layer)
        products.multiply(layer.mixed, rows: rows, by: matrices.output, into: delta)
        ck_add(input, delta, rows * hidden, layer.middle)

        norm(layer.middle, offsets.postNorm, rows, into: normed, layer.middleInverse)
        products.multiply(normed, rows: rows, by: matrices.gateUp, into: layer.gateUp)
        ck_swiglu(layer.gateUp, rows, configuration.intermediateSize, activations.activated)
        products.multiply(activations.activated, rows: rows, by: matrices.down, into: delta)
        ck_add(layer.middle, delta, rows * hidden, activations.input(index + 1))
    }

    /// RMSNorm with the weight at `offset`.
    func norm(
        _ rows: UnsafePointer<Float>, _ offset: Int, _ count: Int,
        into normed: UnsafeMutablePointer<Float>, _ inverse: UnsafeMutablePointer<Float>
    ) {
        ck_rms_norm(
            rows, values + offset, count, configuration.hiddenSize, configuration.normEpsilon,
            normed, inverse)
    }
}
