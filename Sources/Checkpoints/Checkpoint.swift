/// Everything that resuming needs.
package struct Checkpoint: Sendable {
    /// Optimiser steps taken.
    package var step: Int
    /// The bytes of config.json.
    package var config: [UInt8]
    /// A safetensors image.
    package var weights: [UInt8]
    /// Optimiser moments and step counter as a safetensors image.
    package var optimizer: [UInt8]
    /// The learner's own state as JSON, not looked into.
    package var trainerState: [UInt8]
    /// Tokenizer and the like, from the model that training started from.
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

    /// The safetensors image of the weights. Throws `FileError`.
    package func weights() throws -> [UInt8] {
        try readFile("\(path)/\(HuggingFaceDirectory.weightsName)")
    }

    /// The safetensors image of the optimiser's state. Throws `FileError`.
    package func optimizer() throws -> [UInt8] {
        try readFile("\(path)/\(CheckpointDirectory.optimizerName)")
    }

    /// Throws `FileError`.
    package func trainerState() throws -> [UInt8] {
        try readFile("\(path)/\(CheckpointDirectory.trainerStateName)")
    }
}

/// Where to resume.
package struct LatestCheckpoint: Sendable {
    package var checkpoint: VerifiedCheckpoint
    /// Why newer ones were passed over, newest first; empty in ordinary times. To be shown loudly.
    package var notes: [String]
}
