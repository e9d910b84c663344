import Foundation
import Tokenization

/// Reward curves of training runs that are there already, side by side.
package struct RunsStudy: Sendable {
    package static let name = "runs"

    /// A run's directory, under the name of its curve.
    package struct Source: Hashable, Sendable {
        package var name: String
        package var directory: String

        package init(name: String, directory: String) {
            self.name = name
            self.directory = directory
        }
    }

    /// What a run left behind.
    package struct Run: Sendable {
        package var source: Source
        /// Mean reward of each step's batch, by step.
        package var rewards: [(step: Int, reward: Double)]
        /// Of the held-out prompts; `nil` where the run did not evaluate or did not end.
        package var before: RunSummary.Evaluation?
        package var after: RunSummary.Evaluation?
    }

    package struct Outcome: StudyOutcome {
        /// In the order in which their names first appeared.
        package var groups: [[Run]]
    }

    package var sources: [Source]

    package init(_ sources: [Source]) { self.sources = sources }

    /// Throws `CommandFailure` where a run cannot be read.
    package func run() throws -> Outcome {
        var (names, groups) = ([String](), [String: [Run]]())
        for source in sources {
            if groups[source.name] == nil { names.append(source.name) }
            groups[source.name, default: []].append(try Run(source))
        }
        return Outcome(groups: names.map { groups[$0] ?? [] })
    }
}

extension RunsStudy.Run {
    /// A run's metrics are text of a kilobyte per step.
    private static let bytesMax = 1 << 30

    init(_ source: RunsStudy.Source) throws {
        let directory = RunDirectory(existing: source.directory)
        self.source = source
        rewards = try Self.rewards(directory.metrics)
        guard !rewards.isEmpty else {
            throw CommandFailure(
                "\(directory.metrics) has no step with a reward; name the directory of a run that has "
                    + "trained", .badData)
        }
        guard FileManager.default.fileExists(atPath: directory.summary) else { return }
        let summary = try RunSummary(contentsOf: directory.summary)
        (before, after) = (summary.evaluationBefore, summary.evaluationAfter)
    }

    private static func rewards(_ path: String) throws -> [(step: Int, reward: Double)] {
        let lines = try POSIXFile.read(path, limit: bytesMax).split(separator: UInt8(ascii: "\n"))
        return try lines.enumerated().compactMap { index, line in
            let members: [JSONMember]?
            do { members = try JSONParser.parse(Array(line)).members } catch {
                throw CommandFailure("\(path):\(index + 1): invalid JSON: \(error)", .badData)
            }
            func number(_ key: String) -> Double? {
                guard case .number(let literal)? = members?.first(where: { $0.key == key })?.value
                else { return nil }
                return Double(literal)
            }
            // A step without a valid reward has null there.
            guard let step = number("step").flatMap({ Int(exactly: $0) }), let reward = number("reward")
            else { return nil }
            return (step, reward)
        }
    }
}
