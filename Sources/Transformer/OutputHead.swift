internal import CKernels
internal import Ports

/// Final norm, logits, and what is read off them. Logits exist for a chunk of rows at a time.
final class OutputHead {
    /// Most bytes of logits that exist at once.
    static let logitBytes = 64 << 20

    private(set) var distributions: [ck_distribution] = []
    /// [predictions][hidden]: rows before and after the final norm.
    private var gathered: UnsafeMutablePointer<Float>
    private var normed: UnsafeMutablePointer<Float>
    private var inverse: UnsafeMutablePointer<Float>
    private var logits: UnsafeMutablePointer<Float>
    private var chunkInMemory: Range<Int>?
    private let memory = GrowingBuffer()
    private let logitMemory = GrowingBuffer()
    private let model: Model
    private let products: MatrixProducts

    init(_ model: Model, products: MatrixProducts) {
        self.model = model
        self.products = products
        gathered = memory.reserve(0)
        normed = gathered
        inverse = gathered
        logits = gathered
    }

    private var hidden: Int { model.configuration.hiddenSize }
    private var vocabulary: Int { model.configuration.vocabularySize }
    /// Rows per chunk: whole padding steps.
    private var chunkRows: Int { max(Self.logitBytes / (4 * vocabulary) / 32 * 32, 32) }

    /// Gathers and normalises the rows that predict.
    func prepare(_ predictionRows: [Int32], of rows: UnsafePointer<Float>) {
        let count = predictionRows.count
        let padded = MatrixProducts.paddedRows(count) + 32
        var allocator = MatrixAllocator(
            start: memory.reserve(padded * (2 * hidden + 1) + 96), rows: count, padded: padded)
        gathered = allocator.matrix(hidden)
        normed = allocator.matrix(hidden)
        inverse = allocator.matrix(1)
        for (index, row) in predictionRows.enumerated() {
            (gathered + index * hidden).update(from: rows + Int(row) * hidden, count: hidden)
        }
        model.norm(gathered, model.layout.finalNorm, count, into: normed, inverse)
        chunkInMemory = nil
    }

    func chunks(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: chunkRows).map { $0..<min($0 + chunkRows, count) }
    }

    /// Logits [chunk][vocabulary]; padded rows are zero.
    func logits(_ chunk: Range<Int>) -> UnsafeMutablePointer<Float> {
        guard chunk != chunkInMemory else { return logits }
        logits = logitMemory.reserve(MatrixProducts.paddedRows(chunk.count) * vocabulary + 16)
        products.multiply(
            normed + chunk.lowerBound * hidden, rows: chunk.count, by: model.head, into: logits)
        chunkInMemory = chunk
        return logits
    }

    /// Scores of all targets of the batch.
    func score(_ batch: PackedBatch, inverseTemperature: Float) -> TokenScores {
        let unknown = [Float](repeating: 0, count: batch.scoreCount)
        var scores = TokenScores(logprobs: unknown, entropies: unknown)
        distributions = []
        distributions.reserveCapacity(batch.predictionRows.count)
        for chunk in chunks(batch.predictionRows.count) {
            let logits = logits(chunk)
            for prediction in chunk {
                let row = logits + (prediction - chunk.lowerBound) * vocabulary
                let distribution = ck_describe(row, vocabulary, inverseTemperature)
                distributions.append(distribution)
                for index in batch.firstTarget[prediction]..<batch.firstTarget[prediction + 1] {
                    let target = batch.targets[index]
                    scores.logprobs[target.score] =
                        ck_logprob(row, target.token, inverseTemperature, distribution)
                    scores.entropies[target.score] = distribution.entropy
                }
            }
        }
        return scores
    }

    /// Backward from ∂loss/∂logprob to the output matrix, the final norm and the gathered rows.
    ///
    /// `gradient` has the weights' layout; the output matrix's part is overwritten, the norm's is
    /// added to. Adds to `drows` at the predicting rows.
    func backward(
        _ batch: PackedBatch, gradients: [Float], inverseTemperature: Float,
        into gradient: UnsafeMutablePointer<Float>, drows: UnsafeMutablePointer<Float>,
        scratch: GrowingBuffer
    ) {
        let matrix = gradient + model.layout.head
        let size = vocabulary * hidden
        if batch.predictionRows.isEmpty { matrix.update(repeating: 0, count: size) }
        for chunk in chunks(batch.predictionRows.count) {
            let isFirst = chunk.lowerBound == 0
            let padded = MatrixProducts.paddedRows(chunk.count) * hidden
            let memory = scratch.reserve(2 * padded + (isFirst ? 0 : size))
            let dnormed = memory
            let dgathered = memory + padded
            let dlogits = differentiate(batch, chunk, gradients, inverseTemperature)
            products.multiply(
                dlogits, rows: chunk.count, by: model.values + model.layout.head, k: vocabulary,
                n: hidden, into: dnormed)
            addMatrixGradient(
                dlogits, chunk, into: matrix, through: isFirst ? matrix : memory + 2 * padded)
            backwardNorm(batch, chunk, dnormed, dgathered, gradient, drows)
        }
    }

    /// Turns the chunk's logits into ∂loss/∂logits in place: (onehot − softmax) / temperature,
    /// summed over targets.
    private func differentiate(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ gradients: [Float], _ inverseTemperature: Float
    ) -> UnsafeMutablePointer<Float> {
        let logits = logits(chunk)
        chunkInMemory = nil
        for prediction in chunk {
            let row = logits + (prediction - chunk.lowerBound) * vocabulary
            let targets = batch.targets[
                batch.firstTarget[prediction]..<batch.firstTarget[prediction + 1]]
            let total = targets.reduce(Float(0)) { $0 + gradients[$1.score] }
            ck_softmax_gradient(
                row, vocabulary, inverseTemperature, distributions[prediction], total)
            for target in targets {
                row[Int(target.token)] += gradients[target.score] * inverseTemperature
            }
        }
        let padding = MatrixProducts.paddedRows(chunk.count) - chunk.count
        (logits + chunk.count * vocabulary).update(repeating: 0, count: padding * vocabulary)
        return logits
    }

    private func addMatrixGradient(
        _ dlogits: UnsafePointer<Float>, _ chunk: Range<Int>,
        into matrix: UnsafeMutablePointer<Float>, through product: UnsafeMutablePointer<Float>
    ) {
        products.multiplyTransposed(
            dlogits, normed + chunk.lowerBound * hidden, rows: chunk.count, m: vocabulary,
            n: hidden,
            into: product)
        if product != matrix { ck_add(matrix, product, vocabulary * hidden, matrix) }
    }

    private func backwardNorm(
        _ batch: PackedBatch, _ chunk: Range<Int>, _ dnormed: UnsafePointer<Float>,
        _ dgathered: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        _ drows: UnsafeMutablePointer<Float>
    ) {
        dgathered.update(repeating: 0, count: chunk.count * hidden)
        ck_rms_norm_backward(
            gathered + chunk.lowerBound * hidden, model.values + model.layout.finalNorm,
            inverse + chunk.lowerBound, dnormed, chunk.count, hidden, dgathered,
            gradient + model.layout.finalNorm)
        for prediction in chunk {
            let row = drows + Int(batch.predictionRows[prediction]) * hidden
            ck_add(row, dgathered + (prediction - chunk.lowerBound) * hidden, hidden, row)
        }
    }
}
