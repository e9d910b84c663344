internal import Ports

/// What `TransformerLearner` guards: weights, optimiser state and threads.
final class TrainingEngine {
    private let configuration: ModelConfiguration
    private let codec: any TensorCodec
    private let threads: ComputeThreads
    private let products: MatrixProducts
    private let model: Model
    private let reference: Model?
    private var optimizer: AdamW
    /// The gradient of a whole step.
    private let total: FloatBuffer
    private var passes: [TrainingPass] = []
    private var scoringPasses: [ObjectIdentifier: [ScoringPass]] = [:]

    init(
        configuration: ModelConfiguration, weights: [UInt8], reference: [UInt8]?,
        codec: any TensorCodec, threads: Int, optimizer: AdamWConfiguration
    ) throws {
        let rotary = RotaryTable(configuration)
        let products = MatrixProducts()
        func load(_ image: [UInt8]) throws -> Model {
            let weights = try Weights(
                layout: WeightLayout(configuration), image: codec.decode(image),
                tied: configuration.tiesEmbeddings)
            return Model(configuration, weights: weights, rotary: rotary, products: products)
        }
        let model = try load(weights)
        self.reference = try reference.map(load)
        self.model = model
        self.optimizer = AdamW(optimizer, layout: model.layout)
        self.configuration = configuration
        self.codec = codec
        self.products = products
        self.threads = ComputeThreads(count: threads)
        total = FloatBuffer(zeros: model.layout.count)
    }

    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) throws -> TokenScores {
        try check(groups, temperature)
        let model = try chosen(policy)
        let passes = scoringPasses(of: model)
        let blocks = BlockPlan.blocks(of: groups)
        let counter = SharedCounter(limit: blocks.count)
        let parts = threads.collect(blocks.count) { thread, deliver in
            while let block = counter.next() {
                let batch = PackedBatch(groups[blocks[block]])
                deliver(block, passes[thread].score(batch, inverseTemperature: 1 / temperature))
            }
        }
        return TokenScores(
            logprobs: parts.flatMap(\.logprobs), entropies: parts.flatMap(\.entropies))
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) throws -> OptimizerStep<Report> {
        try check(groups, temperature)
        let reports = try sumGradients(groups, 1 / temperature, loss)
        let norm = norm(of: total, threads: threads)
        guard norm.isFinite else { throw NonFiniteGradient() }
        let clips = maxGradNorm > 0
        // PyTorch's clip_grad_norm_.
        let scale = clips ? min(1, maxGradNorm / (norm + 1e-6)) : 1
        optimizer.apply(
            total, scale: Float(scale), learningRate: learningRate, to: model.weights,
            threads: threads)
        model.pack(with: products)
        return OptimizerStep(reports: reports, gradNorm: norm)
    }

    /// Leaves the gradient of all blocks in `total`.
    private func sumGradients<Report: Sendable>(
        _ groups: [TokenGroup], _ inverseTemperature: Float,
        _ loss: @Sendable (Range<Int>, TokenScores) throws -> BlockGradient<Report>
    ) throws -> [Report] {
        if passes.isEmpty { passes = (0..<threads.count).map { _ in TrainingPass(model) } }
        let blocks = BlockPlan.blocks(of: groups)
        let counter = SharedCounter(limit: blocks.count)
        total.clear()
        let sum = OrderedSum(into: total)
        let results = threads.collect(blocks.count) { thread, deliver in
            while let block = counter.next() {
                let range = blocks[block]
                let result = Result {
                    try passes[thread].differentiate(groups[range], inverseTemperature) {
                        try loss(range, $0)
                    }
                }
                let isGradient = (try? result.get()) != nil
                sum.add(isGradient ? passes[thread].gradient : nil, number: block)
                deliver(block, result)
            }
        }
        return try results.map { try $0.get() }
    }

    func exportWeights() throws -> [UInt8] {
        try codec.encode(model.weights.tensors(), metadata: ["format": "pt"])
    }

    func exportOptimizer() throws -> [UInt8] { try optimizer.export(codec) }

    func restore(weights: [UInt8], optimizer: [UInt8]?) throws {
        let loaded = try Weights(
            layout: model.layout, image: codec.decode(weights), tied: configuration.tiesEmbeddings)
        let state = try optimizer.map {
            try AdamW(
                self.optimizer.configuration, layout: model.layout, image: codec.decode($0))
        }
        model.weights.buffer.copy(from: loaded.buffer)
        model.pack(with: products)
        self.optimizer = state ?? AdamW(self.optimizer.configuration, layout: model.layout)
    }

    private func check(_ groups: [TokenGroup], _ temperature: Float) throws(TrainingError) {
        guard temperature > 0, temperature.isFinite else { throw .badTemperature(temperature) }
        for (index, group) in groups.enumerated() {
            try TrainingError.check(group, index, configuration)
        }
    }

    private func chosen(_ policy: ScoredPolicy) throws(TrainingError) -> Model {
        switch policy {
        case .current: return model
        case .reference:
            guard let reference else { throw .noReference }
            return reference
        }
    }

    private func scoringPasses(of model: Model) -> [ScoringPass] {
        let key = ObjectIdentifier(model)
        let known = scoringPasses[key] ?? (0..<threads.count).map { _ in ScoringPass(model) }
        scoringPasses[key] = known
        return known
    }
}
