internal import CKernels

extension OutputHead {
    /// Floats of the output matrix's gradient that are computed at once.
    private static let gradientPiece = 1 << 20

    /// Backward from ∂loss/∂logprob to the output matrix, the final norm and the gathered rows.
    ///
    /// `gradient` has the weights' layout; the output matrix's part is overwritten, the norm's is
    /// added to. Adds to `drows` at the predicting rows.
    func backward(
        _ batch: PackedBatch, gradients: [Float], inverseTemperature: Float,
        into gradient: UnsafeMutablePointer<Float>, drows: UnsafeMutablePointer<Float>,
        scratch: GrowingBuffer
    ) {
        let matrix = gradient + model.layout.head.offset
        if batch.predictionRows.isEmpty {
            matrix.update(repeating: 0, count: model.layout.head.count)
        }
        for chunk in chunks(batch.predictionRows.count) {
            let padded = MatrixProducts.paddedRows(chunk.count) * hidden
            let dnormed = scratch.reserve(2 * padded + Self.gradientPiece + hidden)
            let dlogits = differentiate(batch, chunk, gradients, inverseTemperature)
            tools.clock.time(.products) {
                model.multiplyBackward(
                    dlogits, rows: chunk.count, matrix: model.headIndex, products: tools.products,
                    into: dnormed)
                let piece = chunk.lowerBound == 0 ? nil : dnormed + 2 * padded
                addMatrixGradient(dlogits, chunk, to: matrix, through: piece)
            }
            tools.clock.time(.rows) {
                backwardNorm(batch, chunk, dnormed, dnormed + padded, gradient, drows)
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

    /// Overwrites `matrix` where there is nothing to go `through`, else adds to it piece by piece.
    private func addMatrixGradient(
        _ dlogits: UnsafePointer<Float>, _ chunk: Range<Int>,
        to matrix: UnsafeMutablePointer<Float>, through piece: UnsafeMutablePointer<Float>?
    ) {
        let step = piece == nil ? vocabulary : max(1, Self.gradientPiece / hidden)
        for start in stride(from: 0, to: vocabulary, by: step) {
            let count = min(step, vocabulary - start)
            let target = matrix + start * hidden
            tools.products.multiplyTransposed(
                dlogits + start, sourceStride: vocabulary, normed + chunk.lowerBound * hidden,
                rows: chunk.count, m: count, n: hidden, into: piece ?? target)
            if let piece { ck_add(target, piece, count * hidden, target) }
        }
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
