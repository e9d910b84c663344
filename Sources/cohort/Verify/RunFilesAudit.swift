import Crypto
import Foundation
import Ports

/// What a run left beside its ledger, against the ledger.
struct RunFilesAudit {
    let directory: RunDirectory
    let versions: VersionAudit

    /// Lines of `metrics.jsonl` that the ledger has too. The newest may be missing on either side, where a
    /// run was killed between the two.
    func metrics(_ lines: [String]) throws -> Int {
        let newest = versions.newest?.number ?? 0
        var seen: Set<Int64> = []
        for (place, line) in lines.enumerated() {
            let name = "\(directory.metrics), line \(place + 1)"
            guard let step = MetricsLine(line)?.step else {
                throw violation(name, "it is no row of metrics")
            }
            guard seen.insert(step).inserted else {
                throw violation(name, "step \(step) is there twice")
            }
            guard step <= newest else {
                guard step == newest + 1 else {
                    throw violation(name, "step \(step) is beyond the newest version, \(newest)")
                }
                continue
            }
            guard versions.metrics[step, default: []].contains(where: { matches(line, $0) }) else {
                throw violation(name, "it is not what the ledger recorded for version \(step)")
            }
        }
        for step in versions.metrics.keys.sorted() where step < newest && !seen.contains(step) {
            throw violation(directory.metrics, "step \(step) is missing, which the ledger has")
        }
        return seen.count { $0 <= newest }
    }

    /// A step that was computed again after a restart took another time; what it learned is the same.
    private func matches(_ line: String, _ recorded: String) -> Bool {
        if line == recorded { return true }
        guard versions.incarnations > 1, let one = MetricsLine(line),
            let other = MetricsLine(recorded)
        else { return false }
        return one.learned == other.learned
    }

    /// The final weights' SHA-256 in `learner.json` and `summary.json`, and the model that has it. Returns
    /// how many of the three there are.
    func weights() throws -> Int {
        var found: [(file: String, digest: String)] = []
        if FileManager.default.fileExists(atPath: directory.learnerRecord) {
            let record = try LearnerRecord(contentsOf: directory.learnerRecord)
            found.append((directory.learnerRecord, record.weightsSHA256))
        }
        if FileManager.default.fileExists(atPath: directory.summary),
            let digest = try RunSummary(contentsOf: directory.summary).weightsSHA256
        {
            found.append((directory.summary, digest))
        }
        guard let expected = found.first?.digest else { return 0 }
        for (file, digest) in found where digest != expected {
            throw violation(file, "its final weights are not those of \(found[0].file)")
        }
        let model = directory.model + "/model.safetensors"
        guard FileManager.default.fileExists(atPath: model) else { return found.count }
        let image = Array(try Data(contentsOf: URL(filePath: model)))
        guard hexadecimal(SnapshotDigest.sha256(image[...])) == expected else {
            throw violation(model, "it does not have the SHA-256 of \(found[0].file)")
        }
        if let newest = versions.newest,
            versions.digests[newest.number] != SnapshotDigest(of: image).bytes
        {
            throw violation(model, "it is not version \(newest.number), the newest of the ledger")
        }
        return found.count + 1
    }
}

/// What a line of `metrics.jsonl` says.
private struct MetricsLine {
    let step: Int64
    /// Metrics that depend on weights and batch alone.
    let learned: [String: Double]

    private static let names = [
        "loss", "policy_loss", "reward", "reward_std", "entropy", "kl", "grad_norm",
        "learning_rate", "num_tokens",
    ]

    init?(_ line: String) {
        guard
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let step = object["step"] as? Int
        else { return nil }
        self.step = Int64(step)
        learned = object.compactMapValues { $0 as? Double }.filter { Self.names.contains($0.key) }
    }
}
