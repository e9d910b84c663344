internal import CKernels
internal import Ports

/// Final norm, logits, and what is read off them. Logits exist for a chunk of rows at a time.
final class OutputHead {
    /// Most bytes of logits that exist at once.
    static let logitBytes = 64 << 20

    /// How the reference's distribution compares with this one's.
    struct Comparison {
        var reference: ck_distribution
        var divergence: ck_divergence
    }

    /// Of each prediction, from `score` on; comparisons only where there was a reference.
    private(set) var distributions: [ck_distribution] = []
    private(set) var comparisons: [Comparison] = []
    /// [predictions][hidden]: rows before and after the final norm.
    var gathered: UnsafeMutablePointer<Float>
    var normed: UnsafeMutablePointer<Float>
    var inverse: UnsafeMutablePointer<Float>
    private var logits: UnsafeMutablePointer<Float>
    var chunkInMemory: Range<Int>?
    private let memory = GrowingBuffer()
    private let logitMemory = GrowingBuffer()
    let model: Model
    let tools: ThreadTools
    let valueHead: ValueHead?

    init(_ model: Model, tools: ThreadTools, valueHead: ValueHead? = nil) {
        self.model = model
        self.tools = tools
        self.valueHead = valueHead
        gathered = memory.reserve(0)
        normed = gathered
        inverse = gathered
        logits = gathered
    }

    var hidden: Int { model.configuration.hiddenSize }
    var vocabulary: Int { model.configuration.vocabularySize }
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
        tools.clock.time(.rows) {
            model.norm(gathered, model.layout.finalNorm, count, into: normed, inverse)
        }
        chunkInMemory = nil
    }

    func chunks(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: chunkRows).map { $0..<min($0 + chunkRows, count) }
    }

    /// Logits [chunk][vocabulary]; padded rows are zero.
    func logits(_ chunk: Range<Int>) -> UnsafeMutablePointer<Float> {
        guard chunk != chunkInMemory else { return logits }
        logits = logitMemory.reserve(MatrixProducts.paddedRows(chunk.count) * vocabulary + 16)
        tools.multiply(
            normed + chunk.lowerBound * hidden, rows: chunk.count, by: model.head, into: logits)
        chunkInMemory = chunk
        return logits
    }

    /// Scores of all targets of the batch. `reference`: the head of the reference policy, prepared for
    /// the same batch; divergences from it are asked for.
    func score(
        _ batch: PackedBatch, inverseTemperature: Float, reference: OutputHead? = nil
    ) -> TokenScores {
        var scores = emptyScores(batch.scoreCount, divergences: reference != nil)
        distributions = []
        distributions.reserveCapacity(batch.predictionRows.count)
        comparisons = []
        for chunk in chunks(batch.predictionRows.count) {
            let (logits, others) = (logits(chunk), reference?.logits(chunk))
            tools.clock.time(.vocabulary) {
                for prediction in chunk {
                    let offset = (prediction - chunk.lowerBound) * vocabulary
                    score(logits + offset, prediction, of: batch, inverseTemperature, &scores)
                    guard let others else { continue }
                    compare(
                        logits + offset, others + offset, prediction, of: batch,
                        inverseTemperature, &scores)
                }
            }
        }
        tools.clock.time(.rows) { value(batch, &scores) }
        return scores
    }

    private func emptyScores(_ count: Int, divergences: Bool) -> TokenScores {
        let unknown = [Float](repeating: 0, count: count)
        return TokenScores(
            logprobs: unknown, entropies: unknown, divergences: divergences ? unknown : [],
            values: valueHead == nil ? [] : unknown)
    }

    private func score(
        _ row: UnsafePointer<Float>, _ prediction: Int, of batch: PackedBatch,
        _ inverseTemperature: Float, _ scores: inout TokenScores
    ) {
        let distribution = ck_describe(row, vocabulary, inverseTemperature)
        distributions.append(distribution)
        for target in batch.targets(of: prediction) {
            scores.logprobs[target.score] =
                ck_logprob(row, target.token, inverseTemperature, distribution)
            scores.entropies[target.score] = distribution.entropy
        }
    }

    /// With the reference's logits of the same row.
    private func compare(
        _ row: UnsafePointer<Float>, _ other: UnsafePointer<Float>, _ prediction: Int,
        of batch: PackedBatch, _ inverseTemperature: Float, _ scores: inout TokenScores
    ) {
        let reference = ck_describe(other, vocabulary, inverseTemperature)
        let divergence = ck_diverge(
            row, other, vocabulary, inverseTemperature, distributions[prediction], reference)
        comparisons.append(Comparison(reference: reference, divergence: divergence))
        for target in batch.targets(of: prediction) {
            scores.divergences[target.score] = divergence.divergence
        }
    }

    private func value(_ batch: PackedBatch, _ scores: inout TokenScores) {
        guard let valueHead else { return }
        let count = batch.predictionRows.count
        var values = [Float](repeating: 0, count: count)
        ck_values(normed, count, hidden, valueHead.weight, valueHead.bias, &values)
        for prediction in 0..<count {
            for target in batch.targets(of: prediction) {
                scores.values[target.score] = values[prediction]
            }
        }
    }
}
