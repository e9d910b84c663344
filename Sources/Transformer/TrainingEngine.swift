internal import Ports

/// What `TransformerLearner` guards: weights, optimiser state and threads.
final class TrainingEngine {
    let configuration: ModelConfiguration
    let options: TrainingOptions
    let codec: any TensorCodec
    let threads: ComputeThreads
    let tools: [ThreadTools]
    let rotary: RotaryTable
    /// In f32; what the optimiser changes.
    let master: Weights
    let model: Model
    let reference: ReferencePolicy?
    let valueHead: ValueHead?
    var optimizer: AdamW
    /// The gradient of a whole step, the value head's behind the policy's; made at the first.
    private lazy var total = FloatBuffer(zeros: gradientCount)
    /// One per thread; or one for all of them together, if the model `isLarge`.
    private var passes: [TrainingPass] = []
    private var scoringPasses: [ObjectIdentifier: [ScoringPass]] = [:]

    init(
        configuration: ModelConfiguration, weights: any TensorImage,
        reference: (any TensorImage)?, codec: any TensorCodec, threads: Int,
        optimizer: AdamWConfiguration, options: TrainingOptions
    ) throws {
        let layout = WeightLayout(configuration)
        let master = try Weights(layout: layout, image: weights, tied: configuration.tiesEmbeddings)
        let computeThreads = ComputeThreads(count: threads)
        let tools = ThreadTools.make(options.type, threads: computeThreads)
        let rotary = RotaryTable(configuration)
        self.configuration = configuration
        self.options = options
        self.codec = codec
        self.threads = computeThreads
        self.tools = tools
        self.rotary = rotary
        self.master = master
        self.optimizer = AdamW(optimizer, layout: layout)
        model = Model(
            configuration, type: options.type, rotary: rotary, master: master,
            products: tools[0].products)
        self.reference = try reference.map {
            try ReferencePolicy(
                configuration, image: $0, type: options.type, moves: options.syncsReference,
                rotary: rotary, threads: computeThreads, tools: tools)
        }
        valueHead = options.valueHead.map {
            ValueHead($0, hidden: configuration.hiddenSize, optimizer: optimizer)
        }
        pack()
    }

    /// Floats of a gradient.
    var gradientCount: Int { model.layout.count + (valueHead?.count ?? 0) }

    /// A gradient per thread would take too much memory: threads share one pass. A property of the
    /// model alone, so that bits do not depend on the number of threads.
    var isLarge: Bool { model.layout.count > options.parametersMaxPerThread }

    /// Brings what the optimiser changed into the form that is computed with.
    func pack() {
        tools[0].clock.time(.packing) { () -> Void in
            do {
                try model.load(master, threads: threads, products: tools.map(\.products))
            } catch { preconditionFailure("master weights are there: \(error)") }
        }
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) throws -> OptimizerStep<Report> {
        try check(groups, temperature)
        let references = needsDivergence ? try scoringPasses(of: .reference) : []
        let reports = try sumGradients(groups, 1 / temperature, references, loss)
        let norm = tools[0].clock.time(.optimizer) { total.norm(threads: threads) }
        guard norm.isFinite else { throw NonFiniteGradient() }
        let clips = maxGradNorm > 0
        // PyTorch's clip_grad_norm_.
        let scale = clips ? min(1, maxGradNorm / (norm + 1e-6)) : 1
        tools[0].clock.time(.optimizer) {
            apply(scale: Float(scale), learningRate: learningRate)
        }
        pack()
        return OptimizerStep(reports: reports, gradNorm: norm)
    }

    private func apply(scale: Float, learningRate: Double) {
        optimizer.apply(
            total.pointer, scale: scale, learningRate: learningRate, to: master, threads: threads)
        valueHead?.apply(
            total.pointer + model.layout.count, scale: scale, learningRate: learningRate,
            threads: threads)
    }

    /// Leaves the gradient of all blocks in `total`. `references`: like `passes`, or empty.
    private func sumGradients<Report: Sendable>(
        _ groups: [TokenGroup], _ inverseTemperature: Float, _ references: [ScoringPass],
        _ loss: @Sendable (Range<Int>, TokenScores) throws -> BlockGradient<Report>
    ) throws -> [Report] {
        makePasses()
        let blocks = BlockPlan.blocks(of: groups)
        if isLarge {
            return try sumInPlace(groups, blocks, inverseTemperature, references.first, loss)
        }
        let counter = SharedCounter(limit: blocks.count)
        total.clear()
        let sum = OrderedSum(into: total)
        let results = threads.collect(blocks.count) { thread, deliver in
            while let block = counter.next() {
                let range = blocks[block]
                let result = Result {
                    try passes[thread].differentiate(
                        groups[range], inverseTemperature,
                        reference: references.isEmpty ? nil : references[thread]
                    ) { try loss(range, $0) }
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

    private func makePasses() {
        guard passes.isEmpty else { return }
        let recomputes = options.gradientCheckpointing
        passes = (isLarge ? [teamTools] : tools).map {
            TrainingPass(
                model, tools: $0, recomputes: recomputes, valueHead: valueHead,
                gradient: isLarge ? total : nil)
        }
    }

    private var teamTools: ThreadTools {
        ThreadTools(tools[0], team: ComputeTeam(threads, tools: tools))
    }

    /// Block after block straight into `total`, all threads working on each.
    private func sumInPlace<Report: Sendable>(
        _ groups: [TokenGroup], _ blocks: [Range<Int>], _ inverseTemperature: Float,
        _ reference: ScoringPass?,
        _ loss: @Sendable (Range<Int>, TokenScores) throws -> BlockGradient<Report>
    ) throws -> [Report] {
        if blocks.isEmpty { total.clear() }
        return try blocks.enumerated().map { index, range in
            try passes[0].differentiate(
                groups[range], inverseTemperature, reference: reference, adding: index > 0
            ) { try loss(range, $0) }
        }
    }

    /// What was computed since the last call.
    func takeWork() -> EngineWork { EngineWork(tools) }

    /// One per thread, or one for all of them together, as `passes`.
    func scoringPasses(of policy: ScoredPolicy) throws(TrainingError) -> [ScoringPass] {
        let isReference = policy == .reference
        guard let model = isReference ? reference?.model : model else { throw .noReference }
        let key = ObjectIdentifier(model)
        if let known = scoringPasses[key] { return known }
        let made = (isLarge ? [teamTools] : tools).map {
            ScoringPass(model, tools: $0, valueHead: isReference ? nil : valueHead)
        }
        scoringPasses[key] = made
        return made
    }
}
