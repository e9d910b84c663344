import Foundation
import GRPO
import Ports
import Training

/// How the learner ended: `learner.json` in the run directory, for whoever started it.
struct LearnerRecord: Codable, Sendable {
    var steps: Int
    var optimizerSteps: Int
    var numTokens: Int
    var groups: GroupAccounting
    /// SHA-256 of the final snapshot image, hexadecimal.
    var weightsSHA256: String
    /// Why it ended early; absent if it did not.
    var stopReason: String?

    init(_ outcome: LearnerOutcome) {
        steps = Int(outcome.version.number)
        optimizerSteps = outcome.optimizerSteps
        numTokens = outcome.tokens
        groups = outcome.accounting
        weightsSHA256 = hexadecimal(SnapshotDigest.sha256(outcome.weights[...]))
        stopReason = outcome.stopReason
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try POSIXFile.replace(path, with: String(decoding: try encoder.encode(self), as: UTF8.self))
    }

    init(contentsOf path: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
    }
}
