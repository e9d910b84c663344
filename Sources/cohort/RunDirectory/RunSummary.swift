private import Foundation
package import Ports
package import Training

/// How a run ended: `summary.json`.
package struct RunSummary: Codable, Hashable, Sendable {
    package enum Outcome: String, Codable, Sendable { case completed, interrupted, failed }

    /// One evaluation over `prompts` prompts.
    package struct Evaluation: Codable, Hashable, Sendable {
        package var prompts: Int
        /// Completions sampled for them, over all prompts.
        package var samples: Int
        /// Mean reward of the samples.
        package var reward: Double
        /// Share of the samples with the full reward of 1.
        package var sampledAccuracy: Double
        /// The same, of one greedy completion per prompt.
        package var greedyAccuracy: Double
        /// Tokens per sample.
        package var meanLength: Double

        package init(
            prompts: Int, samples: Int, reward: Double, sampledAccuracy: Double,
            greedyAccuracy: Double, meanLength: Double
        ) {
            self.prompts = prompts
            self.samples = samples
            self.reward = reward
            self.sampledAccuracy = sampledAccuracy
            self.greedyAccuracy = greedyAccuracy
            self.meanLength = meanLength
        }

        enum CodingKeys: String, CodingKey {
            case prompts, samples, reward
            case sampledAccuracy = "sampled_accuracy"
            case greedyAccuracy = "greedy_accuracy"
            case meanLength = "mean_length"
        }

        /// For a person.
        package var sentence: String {
            "sampled accuracy \(DecimalText.fixed(sampledAccuracy, digits: 3)), greedy "
                + "\(DecimalText.fixed(greedyAccuracy, digits: 3)) on \(prompts) held-out prompts"
        }
    }

    package var run: String
    package var outcome: Outcome
    /// Why the run failed or was interrupted.
    package var reason: String?
    package var seed: UInt64
    /// Generation batches trained on.
    package var steps: Int
    package var optimizerSteps: Int
    /// Prompt and completion tokens.
    package var numTokens: Int
    package var wallSeconds: Double
    package var evaluationBefore: Evaluation?
    package var evaluationAfter: Evaluation?
    /// Where every group went.
    package var groups: GroupAccounting
    /// Of the final weights' safetensors image, hexadecimal; the file `model/model.safetensors` has
    /// it.
    package var weightsSHA256: String?
    /// Whether sampler and learner agreed to the bit on this machine.
    package var exact: Bool
    /// Processor level, library versions and build that the bits belong to.
    package var numericsFingerprint: String?

    package init(run: String, outcome: Outcome, seed: UInt64) {
        self.run = run
        self.outcome = outcome
        self.seed = seed
        steps = 0
        optimizerSteps = 0
        numTokens = 0
        wallSeconds = 0
        groups = GroupAccounting()
        exact = false
    }

    enum CodingKeys: String, CodingKey {
        case run, outcome, reason, seed, steps, exact
        case optimizerSteps = "optimizer_steps"
        case numTokens = "num_tokens"
        case wallSeconds = "wall_seconds"
        case evaluationBefore = "evaluation_before"
        case evaluationAfter = "evaluation_after"
        case groups
        case weightsSHA256 = "weights_sha256"
        case numericsFingerprint = "numerics_fingerprint"
    }

    /// Puts the summary in place as a whole. Throws where a number is not finite or the file cannot
    /// be written.
    package func write(to path: String) throws(CommandFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        do {
            bytes = try encoder.encode(self)
        } catch {
            throw CommandFailure(
                "cannot write \(path): some number of the summary is not finite", .internalError)
        }
        try POSIXFile.replace(path, with: String(decoding: bytes, as: UTF8.self) + "\n")
    }

    package init(contentsOf path: String) throws(CommandFailure) {
        let bytes = try POSIXFile.read(path)
        do {
            self = try JSONDecoder().decode(RunSummary.self, from: Data(bytes))
        } catch {
            throw CommandFailure("\(path) is not a run's summary: \(error)", .badData)
        }
    }
}
