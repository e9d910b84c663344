internal import Ports

/// What `TransformerLearner` guards: weights, optimiser state and threads.
final class TrainingEngine {
    private let configuration: ModelConfiguration
    private let options: TrainingOptions
    private let codec: any TensorCodec
    private let threads: ComputeThreads
    private let tools: [ThreadTools]
    private let rotary: RotaryTable
    /// In f32; what the optimiser changes.
    private let master: Weights
    private let model: Model
    private let reference: Model?
    private var optimizer: AdamW
    /// The gradient of a whole step; made at the first.
    private lazy var total = FloatBuffer(zeros: model.layout.count)
    /// One per thread; or one for all of them together, if the model `isLarge`.
    private var passes: [TrainingPass] = []
    private var scoringPasses: [ObjectIdentifier: [ScoringPass]] = [:]

    init(
        configuration: ModelConfiguration, weights: any TensorImage,
        reference: (any TensorImage)?, codec: any TensorCodec, threads: Int,
        optimizer: AdamWConfiguration, options: TrainingOptions
    ) throws {
        let layout = WeightLayout(configuration)
        let tied = configuration.tiesEmbeddings
        let master = try Weights(layout: layout, image: weights, tied: tied)
        let referenceSource = try reference.map { try ImageSource($0, layout, tied: tied) }
        let computeThreads = ComputeThreads(count: threads)
        let tools = ThreadTools.make(options.type, threads: computeThreads)
        let rotary = RotaryTable(configuration)
        func empty(_ master: Weights?) -> Model {
            Model(
                configuration, type: options.type, rotary: rotary, master: master,
                products: tools[0].products)
        }
        self.configuration = configuration
        self.options = options
        self.codec = codec
        self.threads = computeThreads
        self.tools = tools
        self.rotary = rotary
        self.master = master
        self.optimizer = AdamW(optimizer, layout: layout)
        model = empty(master)
        self.reference = referenceSource == nil ? nil : empty(nil)
        try load(referenceSource)
        pack()
    }

    private func load(_ source: ImageSource?) throws {
        guard let source, let reference else { return }
        try reference.load(source, threads: threads, products: tools.map(\.products))
    }

    /// Brings what the optimiser changed into the form that is computed with.
    private func pack() {
        tools[0].clock.time(.packing) { () -> Void in
            do {
                try model.load(master, threads: threads, products: tools.map(\.products))
            } catch { preconditionFailure("master weights are there: \(error)") }
        }
    }

    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) throws -> TokenScores {
        try check(groups, temperature)
        rotary.require(longestSequence(groups))
        let model = try chosen(policy)
        let passes = scoringPasses(of: model)
        let blocks = BlockPlan.blocks(of: groups)
        if isLarge { return scoreTogether(groups, blocks, passes[0], 1 / temperature) }
        let counter = SharedCounter(limit: blocks.count)
        let parts = threads.collect(blocks.count) { thread, deliver in
            while let block = counter.next() {
                let batch = PackedBatch(groups[blocks[block]])
                deliver(block, passes[thread].score(batch, inverseTemperature: 1 / temperature))
            }
        }
        return TokenScores(joining: parts)
    }

    private func scoreTogether(
        _ groups: [TokenGroup], _ blocks: [Range<Int>], _ pass: ScoringPass,
        _ inverseTemperature: Float
    ) -> TokenScores {
        TokenScores(
            joining: blocks.map {
                pass.score(PackedBatch(groups[$0]), inverseTemperature: inverseTemperature)
            })
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) throws -> OptimizerStep<Report> {
        try check(groups, temperature)
        rotary.require(longestSequence(groups))
        let reports = try sumGradients(groups, 1 / temperature, loss)
        let norm = tools[0].clock.time(.optimizer) { total.norm(threads: threads) }
        guard norm.isFinite else { throw NonFiniteGradient() }
        let clips = maxGradNorm > 0
        // PyTorch's clip_grad_norm_.
        let scale = clips ? min(1, maxGradNorm / (norm + 1e-6)) : 1
        tools[0].clock.time(.optimizer) {
            optimizer.apply(
                total, scale: Float(scale), learningRate: learningRate, to: master,
                threads: threads)
        }
        pack()
        return OptimizerStep(reports: reports, gradNorm: norm)
    }

    /// Leaves the gradient of all blocks in `total`.
    private func sumGradients<Report: Sendable>(
        _ groups: [TokenGroup], _ inverseTemperature: Float,
        _ loss: @Sendable (Range<Int>, TokenScores) throws -> BlockGradient<Report>
    ) throws -> [Report] {
        makePasses()
        let blocks = BlockPlan.blocks(of: groups)
        if isLarge { return try sumInPlace(groups, blocks, inverseTemperature, loss) }
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
                tools[thread].clock.time(.summing) {
                    sum.add(isGradient ? passes[thread].gradient.buffer : nil, number: block)
                }
                deliver(block, result)
            }
        }
        return try results.map { try $0.get() }
    }

    /// A gradient per thread would take too much memory: threads share one pass. A property of the
    /// model alone, so that bits do not depend on the number of threads.
    private var isLarge: Bool { model.layout.count > options.parametersMaxPerThread }

    private func makePasses() {
        guard passes.isEmpty else { return }
        let recomputes = options.gradientCheckpointing
        passes =
            isLarge
            ? [TrainingPass(model, tools: teamTools, recomputes: recomputes, gradient: total)]
            : tools.map { TrainingPass(model, tools: $0, recomputes: recomputes) }
    }

    private var teamTools: ThreadTools {
        ThreadTools(tools[0], team: ComputeTeam(threads, tools: tools))
    }

    /// Block after block straight into `total`, all threads working on each.
    private func sumInPlace<Report: Sendable>(
        _ groups: [TokenGroup], _ blocks: [Range<Int>], _ inverseTemperature: Float,
        _ loss: @Sendable (Range<Int>, TokenScores) throws -> BlockGradient<Report>
    ) throws -> [Report] {
        if blocks.isEmpty { total.clear() }
        return try blocks.enumerated().map { index, range in
            try passes[0].differentiate(groups[range], inverseTemperature, adding: index > 0) {
                try loss(range, $0)
            }
        }
    }

    func exportWeights() throws -> [UInt8] {
        try codec.encode(
            master.tensors(), type: options.type, metadata: ["format": "pt"])
    }

    /// Moments; and master weights, where the exported weights are rounded.
    func exportOptimizer() throws -> [UInt8] {
        let masters =
            options.type == .float32 ? [] : master.tensors(prefix: Self.masterPrefix)
        return try codec.encode(
            optimizer.tensors() + masters, type: .float32, metadata: optimizer.metadata)
    }

    private static let masterPrefix = "master."

    func restore(weights: [UInt8], optimizer: [UInt8]?) throws {
        let loaded = try Weights(
            layout: model.layout, image: codec.decode(weights), tied: configuration.tiesEmbeddings)
        let image = try optimizer.map { try codec.decode($0) }
        let state = try image.map {
            try AdamW(self.optimizer.configuration, layout: model.layout, image: $0)
        }
        if let image, options.type != .float32 {
            try loaded.load(image, prefix: Self.masterPrefix)
        }
        master.buffer.copy(from: loaded.buffer)
        pack()
        self.optimizer = state ?? AdamW(self.optimizer.configuration, layout: model.layout)
    }

    /// What was computed since the last call.
    func takeWork() -> EngineWork { EngineWork(tools) }

    private func longestSequence(_ groups: [TokenGroup]) -> Int {
        groups.map { $0.prompt.count + ($0.completions.map(\.count).max() ?? 0) }.max() ?? 0
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
        let known =
            scoringPasses[key]
            ?? (isLarge ? [teamTools] : tools).map { ScoringPass(model, tools: $0) }
        scoringPasses[key] = known
        return known
    }
}

extension TokenScores {
    fileprivate init(joining parts: [TokenScores]) {
        self.init(
            logprobs: parts.flatMap(\.logprobs), entropies: parts.flatMap(\.entropies))
    }
}
