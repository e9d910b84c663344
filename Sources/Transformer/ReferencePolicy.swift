internal import CKernels
internal import Ports

/// The policy that training is held near. It keeps master weights only where it moves.
final class ReferencePolicy {
    let model: Model
    /// In f32; what is mixed.
    private let master: Weights?
    private let tied: Bool
    private let tools: [ThreadTools]

    /// `moves`: it will be mixed with the policy. Throws what the image throws.
    init(
        _ configuration: ModelConfiguration, image: any TensorImage, type: TensorType, moves: Bool,
        rotary: RotaryTable, threads: ComputeThreads, tools: [ThreadTools]
    ) throws {
        let layout = WeightLayout(configuration)
        tied = configuration.tiesEmbeddings
        master = moves ? try Weights(layout: layout, image: image, tied: tied) : nil
        self.tools = tools
        model = Model(
            configuration, type: type, rotary: rotary, master: type == .float32 ? master : nil,
            products: tools[0].products)
        if let master {
            load(master, threads: threads)
        } else {
            try load(source: ImageSource(image, layout, tied: tied), threads: threads)
        }
    }

    /// π_ref ← α·policy + (1 − α)·π_ref, element by element.
    func mix(_ alpha: Double, of policy: Weights, threads: ComputeThreads) throws {
        guard let master else { throw FixedReference() }
        let count = master.layout.count
        let piece = 1 << 16
        threads.perform { thread in
            for start in stride(from: thread * piece, to: count, by: threads.count * piece) {
                ck_mix(
                    policy.buffer.pointer + start, min(piece, count - start), alpha,
                    master.buffer.pointer + start)
            }
        }
        load(master, threads: threads)
    }

    /// `nil` where it does not move.
    func tensors() -> [NamedTensor]? { master?.tensors() }

    /// Reads and checks weights for `restore`. Throws `WeightsError`.
    func weights(from image: any TensorImage) throws -> Weights {
        try Weights(layout: model.layout, image: image, tied: tied)
    }

    func restore(_ weights: Weights, threads: ComputeThreads) {
        master?.buffer.copy(from: weights.buffer)
        load(weights, threads: threads)
    }

    var bytes: Int { model.bytes + (master?.buffer.bytes ?? 0) }

    private func load(_ weights: Weights, threads: ComputeThreads) {
        do { try load(source: weights, threads: threads) } catch {
            preconditionFailure("weights in memory are there: \(error)")
        }
    }

    private func load(source: some WeightSource, threads: ComputeThreads) throws {
        try tools[0].clock.time(.packing) {
            try model.load(source, threads: threads, products: tools.map(\.products))
        }
    }
}
