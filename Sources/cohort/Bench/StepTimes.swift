import Foundation

/// What a line of `metrics.jsonl` says about time.
package struct StepTimes: Hashable, Sendable {
    /// Seconds of the step, and of its parts as the learner spent them.
    package var total: Double
    package var waiting: Double
    package var optimizing: Double
    package var movingWeights: Double
    /// Completion tokens that were trained on.
    package var tokens: Double

    /// The lines of the file at `path`, in order. Throws `CommandFailure` for a line that lacks a
    /// time.
    package static func read(_ path: String) throws -> [StepTimes] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        return try lines.enumerated().map { index, line in
            do { return try StepTimes(line: String(line)) } catch {
                throw CommandFailure(
                    "\(path), line \(index + 1): this is not a step with its times", .badData)
            }
        }
    }

    package init(
        total: Double, waiting: Double, optimizing: Double, movingWeights: Double, tokens: Double
    ) {
        self.total = total
        self.waiting = waiting
        self.optimizing = optimizing
        self.movingWeights = movingWeights
        self.tokens = tokens
    }

    package init(line: String) throws {
        let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
        func value(_ name: MetricName) throws -> Double {
            guard let value = row.numbers[name.rawValue] else {
                throw CommandFailure("a step without \(name)", .badData)
            }
            return value
        }
        total = try value(.stepTime)
        waiting = try value(.waitTime)
        optimizing = try value(.optimizeTime)
        movingWeights = try value(.weightSyncTime)
        tokens = try value(.generationTokensPerSecond) * total
    }

    /// The numbers of a line; whatever else it holds is skipped.
    private struct Row: Decodable {
        var numbers: [String: Double] = [:]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: AnyKey.self)
            for key in container.allKeys {
                numbers[key.stringValue] = try? container.decode(Double.self, forKey: key)
            }
        }
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
