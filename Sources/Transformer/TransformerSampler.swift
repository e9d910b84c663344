package import GRPO
package import Ports

/// The behaviour policy on CPU threads of its own.
///
/// What it samples is a pure function of weights, seed and ticket key: neither the other tickets of
/// a call nor the number of threads change a bit.
package actor TransformerSampler: SamplingPolicy {
    private let executor = ThreadExecutor(name: "cohort-sampler")
    private let engine: SamplingEngine

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    package init(
        configuration: ModelConfiguration, codec: any TensorCodec, threads: Int,
        type: TensorType = .float32
    ) {
        engine = SamplingEngine(
            configuration: configuration, type: type, codec: codec, threads: threads)
    }

    /// Throws what the codec throws, or `WeightsError` where the image does not fit the
    /// configuration; the previous weights then stay, unless it is a tensor's type that cannot be
    /// read: then there are none until the next snapshot.
    package func adopt(_ snapshot: Snapshot) throws { try engine.adopt(snapshot) }

    /// The same from an image that is read in place, such as a mapped file.
    package func adopt(_ image: any TensorImage, version: PolicyVersion) throws {
        try engine.adopt(image, version: version)
    }

    /// What was computed since the last call.
    package func takeWork() -> EngineWork { engine.takeWork() }

    /// Throws `SamplingError`. Groups carry the version of the adopted snapshot.
    package func sample(
        _ tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) throws -> [Group] {
        try engine.sample(tickets, groupSize: groupSize, parameters: parameters, seed: seed)
    }
}
