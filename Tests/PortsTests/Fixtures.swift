import GRPO
import Ports

let configuration = WorkerConfiguration(
    runID: String(repeating: "0", count: 32), seed: 1, model: "{}", groupSize: 2,
    sampling: SamplingParameters(maxCompletionLength: 4, stopTokens: [0]),
    rewardPlacement: .worker, rewards: RewardPlan(names: ["test"]), modelDirectory: nil)

func version(_ number: UInt64, incarnation: UInt32 = 0) -> PolicyVersion {
    PolicyVersion(incarnation: incarnation, number: number)
}

func lease(_ id: Lease.ID) -> Lease {
    Lease(
        id: id,
        ticket: Ticket(
            key: TicketKey(pass: 0, promptIndex: UInt32(id), attempt: 0), ordinal: id,
            version: version(0), prompt: [1], columns: "{}"))
}

func group(answering ticket: Ticket, completions: Int = 2) -> Group {
    Group(
        key: ticket.key, ordinal: ticket.ordinal, version: ticket.version, prompt: ticket.prompt,
        completions: [Completion](
            repeating: Completion(
                tokens: [1, 0], behaviorLogprobs: [-1, -1], keptLogMasses: [0, 0],
                finishReason: .stop),
            count: completions))
}

/// Answers with what it was given, whatever the completions.
struct FixedReward: RewardFunction {
    let name = "fixed"
    let values: [Double]

    func rewards(
        prompt: [Int32], completions: [Completion], columns: String
    ) async throws -> [Double?] { values }
}
