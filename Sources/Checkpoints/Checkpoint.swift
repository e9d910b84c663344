/// Everything that resuming needs: what a learner that was killed must find again to end in the same bits.
///
/// - Weights, and f32 masters where those are of another type: `weights` and `optimizer`.
/// - The optimiser's moments and step counter, and the value head with its own: `optimizer`.
/// - The reference policy where it moves, and the earlier snapshots that batches to come are sampled from:
///   among `passThrough`.
/// - The version with its incarnation, the data cursor (the next place of the run, and those before it that
///   are still to come) and the position in the ledger: `trainerState`.
/// - Random numbers need no state. They are counter-based: each one is a function of the run's seed, the data
///   pass, the prompt, the attempt, the sample and the position in it. So the data cursor is also the counter
///   of every stream, and a ticket that is issued again draws the same numbers.
package struct Checkpoint: Sendable {
    /// Generation batches trained on; the number of the version that `weights` are.
    package var step: Int
    /// The bytes of config.json.
    package var config: [UInt8]
    /// A safetensors image.
    package var weights: [UInt8]
    /// Optimiser moments and step counter as a safetensors image.
    package var optimizer: [UInt8]
    /// The learner's own state as JSON, not looked into.
    package var trainerState: [UInt8]
    /// Tokenizer and the like, from the model that training started from, and further images.
    package var passThrough: [NamedFile]

    package init(
        step: Int, config: [UInt8], weights: [UInt8], optimizer: [UInt8], trainerState: [UInt8],
        passThrough: [NamedFile]
    ) {
        self.step = step
        self.config = config
        self.weights = weights
        self.optimizer = optimizer
        self.trainerState = trainerState
        self.passThrough = passThrough
    }
}

/// A checkpoint on disk whose digests were found right.
package struct VerifiedCheckpoint: Sendable {
    package let step: Int
    /// The directory `…/checkpoint-{step}`, itself a Hugging Face model directory.
    package let path: String
    package let manifest: CheckpointManifest
    let files: any FileSystem

    /// The safetensors image of the weights. Throws `FileError`.
    package func weights() throws -> [UInt8] { try read(HuggingFaceDirectory.weightsName) }

    /// The safetensors image of the optimiser's state. Throws `FileError`.
    package func optimizer() throws -> [UInt8] { try read(CheckpointDirectory.optimizerName) }

    /// Throws `FileError`.
    package func trainerState() throws -> [UInt8] { try read(CheckpointDirectory.trainerStateName) }

    /// The file of that name, if the checkpoint has one. Throws `FileError`.
    package func file(_ name: String) throws -> [UInt8]? {
        try manifest.files.contains { $0.name == name } ? read(name) : nil
    }

    private func read(_ name: String) throws -> [UInt8] {
        try files.read("\(path)/\(name)") { Array($0) }
    }
}

/// Where to resume.
package struct LatestCheckpoint: Sendable {
    package var checkpoint: VerifiedCheckpoint
    /// Why newer ones were passed over, newest first; empty in ordinary times. To be shown loudly.
    package var notes: [String]
}
