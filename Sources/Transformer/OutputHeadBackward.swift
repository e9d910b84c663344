internal import CKernels

extension OutputHead {
    /// Backward from ∂loss/∂logprob to the output matrix, the final norm and the gathered rows.
    /// Adds to `drows` at the predicting rows.
    func backward(
        _ batch: PackedBatch, gradients: [Float], inverseTemperature: Float,
        into gradient: GradientSink, drows: UnsafeMutablePointer<Float>, scratch: GrowingBuffer
    ) {
        if batch.predictionRows.isEmpty { gradient.addNothing(to: model.layout.head) }
        for chunk in chunks(batch.predictionRows.count) {
            let padded = MatrixProducts.paddedRows(chunk.count) * hidden
            let dnormed = scratch.reserve(2 * padded)
            let dlogits = differentiate(batch, chunk, gradients, inverseTemperature)
            tools.multiplyBackward(
                dlogits, rows: chunk.count, model, matrix: model.headIndex, into: dnormed)
            gradient.add(
                dlogits, normed + chunk.lowerBound * hidden, rows: chunk.count,
                to: model.layout.head, isFirst: chunk.lowerBound == 0)
            tools.clock.time(.rows) {
                backwardNorm(batch, chunk, dnormed, dnormed + padded, gradient.pointer, drows)
            }
        }
    }

    /// Turns the chunk's logits into ∂loss/∂logits in place: (onehot − softmax) / temperature,
    /// summed over targets.
    private func differentiate(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ gradients: [Float], _ inverseTemperature: Float
    ) -> UnsafeMutablePointer<Float> {
        let logits = logits(chunk)
        chunkInMemory = nil
        tools.clock.time(.vocabulary) {
            for prediction in chunk {
                let row = logits + (prediction - chunk.lowerBound) * vocabulary
                let targets = batch.targets(of: prediction)
                let total = targets.reduce(Float(0)) { $0 + gradients[$1.score] }
                ck_softmax_gradient(
                    row, vocabulary, inverseTemperature, distributions[prediction], total)
                for target in targets {
                    row[Int(target.token)] += gradients[target.score] * inverseTemperature
                }
            }
            let padding = MatrixProducts.paddedRows(chunk.count) - chunk.count
            (logits + chunk.count * vocabulary).update(repeating: 0, count: padding * vocabulary)
        }
        return logits
    }

    private func backwardNorm(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ dnormed: UnsafePointer<Float>,
        _ dgathered: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        _ drows: UnsafeMutablePointer<Float>
    ) {
        dgathered.update(repeating: 0, count: chunk.count * hidden)
        ck_rms_norm_backward(
            gathered + chunk.lowerBound * hidden, model.vectors + model.layout.finalNorm,
            inverse + chunk.lowerBound, dnormed, chunk.count, hidden, dgathered,
            gradient + model.layout.finalNorm)
        for prediction in chunk {
            let row = drows + Int(batch.predictionRows[prediction]) * hidden
            ck_add(row, dgathered + (prediction - chunk.lowerBound) * hidden, hidden, row)
        }
    }
}
