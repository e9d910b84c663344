internal import GRPO
internal import Ports

/// What `TransformerSampler` guards: weights and threads.
///
/// Where products are not row-invariant (see `NumericsFingerprint.isRowInvariant(_:)`), each ticket is
/// decoded as a batch of its own, so that the composition of batches still changes nothing.
final class SamplingEngine {
    private let configuration: ModelConfiguration
    private let type: TensorType
    private let codec: any TensorCodec
    private let threads: ComputeThreads
    private let isRowInvariant: Bool
    private var workspaces: [DecodingWorkspace] = []
    private let rotary: RotaryTable
    private var model: Model?
    private var version: PolicyVersion?

    init(
        configuration: ModelConfiguration, type: TensorType, codec: any TensorCodec, threads: Int
    ) {
        self.configuration = configuration
        self.type = type
        self.codec = codec
        self.threads = ComputeThreads(count: threads)
        isRowInvariant = NumericsFingerprint.isRowInvariant(type)
        rotary = RotaryTable(configuration)
    }

    func adopt(_ snapshot: Snapshot) throws {
        try adopt(codec.decode(snapshot.image), version: snapshot.version)
    }

    func adopt(_ image: any TensorImage, version: PolicyVersion) throws {
        prepare()
        // Nothing is touched before the image is known to fit.
        let source = try ImageSource(
            image, WeightLayout(configuration), tied: configuration.tiesEmbeddings)
        let products = workspaces.map(\.tools.products)
        let model =
            self.model
            ?? Model(configuration, type: type, rotary: rotary, products: products[0])
        self.model = nil
        try model.load(source, threads: threads, products: products)
        self.model = model
        self.version = version
    }

    func sample(
        _ tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) throws -> [Group] {
        guard let model, let version else { throw SamplingError.noWeights }
        let request = try SamplingRequest(
            tickets: tickets, groupSize: groupSize, parameters: parameters, seed: seed,
            model: configuration)
        rotary.require(request.longestSequence)
        let completions =
            isRowInvariant
            ? sampleTogether(request, model) : sampleOneByOne(request, model)
        return tickets.enumerated().map { index, ticket in
            Group(
                key: ticket.key, ordinal: ticket.ordinal, version: version, prompt: ticket.prompt,
                completions: Array(completions[(index * groupSize)..<((index + 1) * groupSize)]))
        }
    }

    private func prepare() {
        guard workspaces.isEmpty else { return }
        workspaces = ThreadTools.make(type, threads: threads).map {
            DecodingWorkspace(configuration, tools: $0)
        }
    }

    /// All tickets share prefill batches, and all sequences the decoding batches.
    private func sampleTogether(_ request: SamplingRequest, _ model: Model) -> [Completion] {
        let batches = Prefill.batches(of: request.tickets)
        let batchCounter = SharedCounter(limit: batches.count)
        let prefills = threads.collect(batches.count) { thread, deliver in
            let prefill = Prefill(model: model, request: request, workspace: workspaces[thread])
            while let batch = batchCounter.next() { deliver(batch, prefill.run(batches[batch])) }
        }.flatMap(\.self)
        let counter = SharedCounter(limit: request.sequenceCount)
        let share = (request.sequenceCount + threads.count - 1) / threads.count
        return threads.collect(request.sequenceCount) { thread, deliver in
            let decoder = Decoder(
                model, request: request, batch: min(share, Decoder.batchLimit),
                workspace: workspaces[thread])
            decoder.decode(prefills) { counter.next() }
            for (number, completion) in decoder.finished { deliver(number, completion) }
        }
    }

    /// Each ticket alone, whatever the number of threads.
    private func sampleOneByOne(_ request: SamplingRequest, _ model: Model) -> [Completion] {
        let ticketCounter = SharedCounter(limit: request.tickets.count)
        return threads.collect(request.tickets.count) { thread, deliver in
            while let ticket = ticketCounter.next() {
                deliver(ticket, sampleAlone(ticket, request, model, workspaces[thread]))
            }
        }.flatMap(\.self)
    }

    private func sampleAlone(
        _ ticket: Int, _ request: SamplingRequest, _ model: Model, _ workspace: DecodingWorkspace
    ) -> [Completion] {
        let alone = request.only(ticket)
        let prefills = Prefill(model: model, request: alone, workspace: workspace).run(0..<1)
        let decoder = Decoder(
            model, request: alone, batch: Decoder.batchLimit, workspace: workspace)
        let counter = SharedCounter(limit: alone.sequenceCount)
        decoder.decode(prefills) { counter.next() }
        return decoder.finished.sorted { $0.number < $1.number }.map(\.completion)
    }

    /// What was computed since the last call.
    func takeWork() -> EngineWork { EngineWork(workspaces.map(\.tools)) }
}
