import Foundation
import Synchronization
import Tasks
import Testing

/// A shell program that offers the reward "a" and does `body` for each request, with `$id` and
/// `$completion` set; `answer X` prints X as the reward.
func program(hello: String = #"{"v":1,"rewards":["a"]}"#, _ body: String) -> String {
    """
    echo started >&2
    answer() { echo "{\\"id\\":\\"$id\\",\\"rewards\\":{\\"a\\":$1}}"; }
    echo '\(hello)'
    while IFS= read -r line; do
        id=${line#*'"id":"'}; id=${id%%'"'*}
        completion=${line#*'"completion":"'}; completion=${completion%%'"'*}
        \(body)
    done
    """
}

/// Gives every completion the number that it is, but for "bomb", where it does `bomb`.
func program(bomb: String) -> String {
    program("if [ \"$completion\" = bomb ]; then \(bomb); else answer \"$completion\"; fi")
}

extension RewardLimits {
    static let short = RewardLimits(
        item: .seconds(20), start: .seconds(20), restarts: 3, retries: 1, pause: .zero)
    /// For programs that hang.
    static let hasty = RewardLimits(
        item: .milliseconds(300), start: .seconds(20), restarts: 3, retries: 1, pause: .zero)
}

func request(_ completion: String) -> RewardRequest {
    RewardRequest(
        prompt: "1+1=", completion: completion, tokens: 2, finishReason: "stop",
        columns: #"{"answer":"2"}"#, place: "completion \(completion)")
}

/// A reward program in a folder of its own while `body` runs.
struct ProgramCase: Sendable {
    final class Notes: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let program: RewardProgram
    let folder: String
    private let said = Notes()

    /// What was said about the program.
    var notes: [String] { said.all }
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }
    /// How often it was started.
    var starts: Int { log.split(separator: "\n").count { $0 == "started" } }

    private init(_ command: String, _ limits: RewardLimits) throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "cohort-reward-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        program = RewardProgram(
            command: command, directory: folder, log: folder + "/log", limits: limits,
            note: { [said] in said.add($0) })
    }

    static func with<Result>(
        _ command: String, _ limits: RewardLimits = .short,
        _ body: (ProgramCase) async throws -> Result
    ) async throws -> Result {
        let program = try ProgramCase(command, limits)
        defer { try? FileManager.default.removeItem(atPath: program.folder) }
        do {
            let result = try await body(program)
            await program.program.stop()
            return result
        } catch {
            await program.program.stop()
            throw error
        }
    }

    func judge(_ completions: [String]) async throws -> [RewardOutcome] {
        try await program.judge(completions.map(request))
    }
}

extension RewardOutcome {
    /// The value of "a".
    var reward: Double? {
        guard case .rewards(let rewards) = self else { return nil }
        return rewards["a"] ?? nil
    }

    var failure: String? {
        switch self {
        case .rewards: nil
        case .failed(let sentence), .abandoned(let sentence): sentence
        }
    }
}
