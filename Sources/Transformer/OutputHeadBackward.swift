internal import CKernels

extension OutputHead {
    /// Backward from the gradients of scores to the output matrix, the value head, the final norm and
    /// the gathered rows. Adds to `drows` at the predicting rows. `reference`: as in `score`.
    func backward(
        _ batch: PackedBatch, gradients: TokenGradients, inverseTemperature: Float,
        reference: OutputHead?, into gradient: GradientSink, drows: UnsafeMutablePointer<Float>,
        scratch: GrowingBuffer
    ) {
        if batch.predictionRows.isEmpty { gradient.addNothing(to: model.layout.head) }
        for chunk in chunks(batch.predictionRows.count) {
            let padded = MatrixProducts.paddedRows(chunk.count) * hidden
            let dnormed = scratch.reserve(2 * padded)
            let dlogits = differentiate(batch, chunk, gradients, inverseTemperature, reference)
            tools.multiplyBackward(
                dlogits, rows: chunk.count, model, matrix: model.headIndex, into: dnormed)
            gradient.add(
                dlogits, normed + chunk.lowerBound * hidden, rows: chunk.count,
                to: model.layout.head, isFirst: chunk.lowerBound == 0)
            tools.clock.time(.rows) {
                backwardValues(batch, chunk, gradients, gradient.valueHead, dnormed)
                backwardNorm(batch, chunk, dnormed, dnormed + padded, gradient.pointer, drows)
            }
        }
    }

    /// Turns the chunk's logits into ∂loss/∂logits in place: of log-probabilities
    /// (onehot − softmax) / temperature, summed over targets; see `ck_distribution_gradient` for the
    /// rest.
    private func differentiate(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ gradients: TokenGradients,
        _ inverseTemperature: Float, _ reference: OutputHead?
    ) -> UnsafeMutablePointer<Float> {
        let logits = logits(chunk)
        let others = gradients.divergences.isEmpty ? nil : reference?.logits(chunk)
        chunkInMemory = nil
        tools.clock.time(.vocabulary) {
            for prediction in chunk {
                let offset = (prediction - chunk.lowerBound) * vocabulary
                let row = logits + offset
                let targets = batch.targets(of: prediction)
                let slopes = gradients.slopes(targets)
                if gradients.isPlain {
                    ck_softmax_gradient(
                        row, vocabulary, inverseTemperature, distributions[prediction],
                        slopes.logprobs)
                } else {
                    let other = others.map { UnsafePointer($0 + offset) }
                    differentiate(row, other, prediction, slopes, inverseTemperature)
                }
                for target in targets {
                    row[Int(target.token)] += gradients.logprobs[target.score] * inverseTemperature
                }
            }
            let padding = MatrixProducts.paddedRows(chunk.count) - chunk.count
            (logits + chunk.count * vocabulary).update(repeating: 0, count: padding * vocabulary)
        }
        return logits
    }

    private func differentiate(
        _ row: UnsafeMutablePointer<Float>, _ other: UnsafePointer<Float>?, _ prediction: Int,
        _ slopes: ck_slopes, _ inverseTemperature: Float
    ) {
        let comparison = other.map { _ in comparisons[prediction] }
        ck_distribution_gradient(
            row, other, vocabulary, inverseTemperature, distributions[prediction],
            comparison?.reference ?? ck_distribution(),
            comparison?.divergence ?? ck_divergence(), slopes)
    }

    /// To the value head's part of the gradient; and to the normalised rows, if it trains them.
    private func backwardValues(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ gradients: TokenGradients,
        _ gradient: UnsafeMutablePointer<Float>, _ dnormed: UnsafeMutablePointer<Float>
    ) {
        guard let valueHead, !gradients.values.isEmpty else { return }
        let dvalues = chunk.map { gradients.sum(gradients.values, batch.targets(of: $0)) }
        ck_values_backward(
            normed + chunk.lowerBound * hidden, dvalues, chunk.count, hidden, valueHead.weight,
            gradient + valueHead.weightOffset, gradient + valueHead.biasOffset,
            valueHead.options.trainsBackbone ? dnormed : nil)
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
