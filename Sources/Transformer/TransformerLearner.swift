package import Ports

/// The policy being trained, on CPU threads of its own.
///
/// Log-probabilities have the bits that `TransformerSampler` recorded (where
/// `NumericsFingerprint.isRowInvariant(_:)`), and nothing depends on the number of threads.
package actor TransformerLearner: TrainablePolicy {
    private let executor = ThreadExecutor(name: "cohort-learner")
    private let engine: TrainingEngine

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - weights: safetensors image of the weights to train.
    ///   - reference: image that `score(with: .reference)` and divergences use; `nil` spends no memory
    ///     on it.
    ///   - options: what is computed how; decides bits (the type) and memory.
    ///
    /// Throws what the codec throws, or `WeightsError` where an image does not fit the
    /// configuration.
    package init(
        configuration: ModelConfiguration, weights: [UInt8], reference: [UInt8]? = nil,
        codec: any TensorCodec, threads: Int, optimizer: AdamWConfiguration = .init(),
        options: TrainingOptions = .init()
    ) throws {
        try self.init(
            configuration: configuration, weights: codec.decode(weights),
            reference: reference.map(codec.decode), codec: codec, threads: threads,
            optimizer: optimizer, options: options)
    }

    /// The same from images that are read in place, such as mapped files.
    package init(
        configuration: ModelConfiguration, weights: any TensorImage,
        reference: (any TensorImage)? = nil, codec: any TensorCodec, threads: Int,
        optimizer: AdamWConfiguration = .init(), options: TrainingOptions = .init()
    ) throws {
        engine = try TrainingEngine(
            configuration: configuration, weights: weights, reference: reference, codec: codec,
            threads: threads, optimizer: optimizer, options: options)
    }

    /// Throws `TrainingError` where a group does not fit the model, or there is no reference. Values
    /// are the current policy's alone.
    package func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) throws -> TokenScores {
        try engine.score(groups, with: policy, temperature: temperature)
    }

    /// The value head's gradient is part of the norm that is clipped to `maxGradNorm`: one network with
    /// one gradient. Throws `TrainingError` like `score`, or where `loss` answers with gradients that
    /// do not fit the scores; nothing is changed then.
    package func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool = false,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) throws -> OptimizerStep<Report> {
        try engine.step(
            on: groups, temperature: temperature, learningRate: learningRate,
            maxGradNorm: maxGradNorm, needsDivergence: needsDivergence, loss: loss)
    }

    /// In f32 on master weights of both. Throws `TrainingError.noReference`, `.badMixture`, or
    /// `FixedReference` without `TrainingOptions.syncsReference`.
    ///
    /// `async`, like all that `TrainablePolicy` has a default for: asynchronous callers of a
    /// synchronous method would be given the default.
    package func mixReference(_ alpha: Double) async throws { try engine.mixReference(alpha) }

    package func exportWeights() throws -> [UInt8] { try engine.exportWeights() }

    package func exportOptimizer() throws -> [UInt8] { try engine.exportOptimizer() }

    package func exportReference() async throws -> [UInt8]? { try engine.exportReference() }

    /// Throws `WeightsError` and changes nothing where an image does not fit; without an optimiser
    /// image the optimiser and the value head start afresh.
    package func restore(weights: [UInt8], optimizer: [UInt8]?) throws {
        try engine.restore(weights: weights, optimizer: optimizer, reference: nil)
    }

    package func restore(
        weights: [UInt8], optimizer: [UInt8]?, reference: [UInt8]?
    ) async throws {
        try engine.restore(weights: weights, optimizer: optimizer, reference: reference)
    }

    /// What was computed since the last call.
    package func takeWork() -> EngineWork { engine.takeWork() }

    /// What weights, moments and gradients take.
    package func memory() -> EngineMemory { engine.memory }
}

/// How a learner computes.
package struct TrainingOptions: Hashable, Sendable {
    /// What products round their inputs to; snapshots are written in this type.
    package var type: TensorType
    /// TRL's `gradient_checkpointing`: activations inside layers are computed again in the backward
    /// pass instead of being kept. The same bits, a third more time, far less memory.
    package var gradientCheckpointing: Bool
    /// Up to this size each thread computes blocks of its own, with a gradient of its own (4 bytes per
    /// parameter); larger models are computed block by block by all threads together.
    package var parametersMaxPerThread: Int
    /// `nil`: values are neither computed nor learned, and take no memory.
    package var valueHead: ValueHeadOptions?
    /// TRL's `sync_ref_model`: the reference keeps f32 master weights, so that it can be mixed with the
    /// policy.
    package var syncsReference: Bool

    package init(
        type: TensorType = .float32, gradientCheckpointing: Bool = false,
        parametersMaxPerThread: Int = 1 << 27, valueHead: ValueHeadOptions? = nil,
        syncsReference: Bool = false
    ) {
        self.type = type
        self.gradientCheckpointing = gradientCheckpointing
        self.parametersMaxPerThread = parametersMaxPerThread
        self.valueHead = valueHead
        self.syncsReference = syncsReference
    }
}
