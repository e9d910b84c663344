internal import GRPO
internal import Ports

/// What `TransformerSampler` guards: weights and threads.
///
/// Where products are not row-invariant (see `NumericsFingerprint.isRowInvariant`), each ticket is
/// decoded as a batch of its own, so that the composition of batches still changes nothing.
final class SamplingEngine {
    private let configuration: ModelConfiguration
    private let codec: any TensorCodec
    private let threads: ComputeThreads
    private var workspaces: [DecodingWorkspace] = []
    private var adopted: (model: Model, version: PolicyVersion)?

    init(configuration: ModelConfiguration, codec: any TensorCodec, threads: Int) {
        self.configuration = configuration
        self.codec = codec
        self.threads = ComputeThreads(count: threads)
    }

    func adopt(_ snapshot: Snapshot) throws {
        prepare()
        let weights = try Weights(
            layout: WeightLayout(configuration), image: codec.decode(snapshot.image),
            tied: configuration.tiesEmbeddings)
        let model = Model(
            configuration, weights: weights,
            rotary: adopted?.model.rotary ?? RotaryTable(configuration),
            products: workspaces[0].products)
        adopted = (model, snapshot.version)
    }

    func sample(
        _ tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) throws -> [Group] {
        guard let (model, version) = adopted else { throw SamplingError.noWeights }
        let request = try SamplingRequest(
            tickets: tickets, groupSize: groupSize, parameters: parameters, seed: seed,
            model: configuration)
        let completions =
            NumericsFingerprint.isRowInvariant
            ? sampleTogether(request, model) : sampleOneByOne(request, model)
        return tickets.enumerated().map { index, ticket in
            Group(
                key: ticket.key, ordinal: ticket.ordinal, version: version, prompt: ticket.prompt,
                completions: Array(completions[(index * groupSize)..<((index + 1) * groupSize)]))
        }
    }

    private func prepare() {
        guard workspaces.isEmpty else { return }
        workspaces = (0..<threads.count).map { _ in DecodingWorkspace(configuration) }
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
}
