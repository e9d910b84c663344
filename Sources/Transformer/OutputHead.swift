internal import CKernels
internal import Ports

/// Final norm, logits, and what is read off them. Logits exist for a chunk of rows at a time.
final class OutputHead {
    /// Most bytes of logits that exist at once.
    static let logitBytes = 64 << 20

    private(set) var distributions: [ck_distribution] = []
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

    init(_ model: Model, tools: ThreadTools) {
        self.model = model
        self.tools = tools
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

    /// Scores of all targets of the batch.
    func score(_ batch: PackedBatch, inverseTemperature: Float) -> TokenScores {
        let unknown = [Float](repeating: 0, count: batch.scoreCount)
        var scores = TokenScores(logprobs: unknown, entropies: unknown)
        distributions = []
        distributions.reserveCapacity(batch.predictionRows.count)
        for chunk in chunks(batch.predictionRows.count) {
            let logits = logits(chunk)
            tools.clock.time(.vocabulary) {
                for prediction in chunk {
                    let row = logits + (prediction - chunk.lowerBound) * vocabulary
                    score(row, prediction, of: batch, inverseTemperature, &scores)
                }
            }
        }
        return scores
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
}
