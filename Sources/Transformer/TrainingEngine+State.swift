internal import Ports

/// What is saved and resumed, and the reference's movement.
extension TrainingEngine {
    private static let masterPrefix = "master."

    func exportWeights() throws -> [UInt8] {
        try codec.encode(
            master.tensors(), type: options.type, metadata: ["format": "pt"])
    }

    /// Moments; master weights, where the exported weights are rounded; and the value head.
    func exportOptimizer() throws -> [UInt8] {
        let masters =
            options.type == .float32 ? [] : master.tensors(prefix: Self.masterPrefix)
        return try codec.encode(
            optimizer.tensors() + masters + (valueHead?.tensors() ?? []), type: .float32,
            metadata: optimizer.metadata)
    }

    func exportReference() throws -> [UInt8]? {
        try reference?.tensors().map {
            try codec.encode($0, type: .float32, metadata: ["format": "pt"])
        }
    }

    /// Checks all images before it changes anything.
    func restore(weights: [UInt8], optimizer: [UInt8]?, reference: [UInt8]?) throws {
        let loaded = try Weights(
            layout: model.layout, image: codec.decode(weights), tied: configuration.tiesEmbeddings)
        let image = try optimizer.map { try codec.decode($0) }
        let state = try image.map {
            try AdamW(self.optimizer.configuration, layout: model.layout, image: $0)
        }
        if let image, options.type != .float32 {
            try loaded.load(image, prefix: Self.masterPrefix)
        }
        let head = try valueHead?.state(from: image)
        let referenceWeights = try reference.map { try self.referenceWeights($0) }
        master.buffer.copy(from: loaded.buffer)
        pack()
        self.optimizer = state ?? AdamW(self.optimizer.configuration, layout: model.layout)
        if let head { valueHead?.restore(head) }
        if let referenceWeights { self.reference?.restore(referenceWeights, threads: threads) }
    }

    private func referenceWeights(_ image: [UInt8]) throws -> Weights {
        guard let reference else { throw TrainingError.noReference }
        return try reference.weights(from: codec.decode(image))
    }

    func mixReference(_ alpha: Double) throws {
        guard let reference else { throw TrainingError.noReference }
        guard alpha >= 0, alpha <= 1 else { throw TrainingError.badMixture(alpha) }
        try reference.mix(alpha, of: master, threads: threads)
    }
}
