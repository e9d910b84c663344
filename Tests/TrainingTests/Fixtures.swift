import GRPO
import Ports
import Training

let alice = WorkerID(name: "alice", incarnation: 1)
let bob = WorkerID(name: "bob", incarnation: 1)
let carol = WorkerID(name: "carol", incarnation: 1)

func version(_ number: UInt64, incarnation: UInt32 = 0) -> PolicyVersion {
    PolicyVersion(incarnation: incarnation, number: number)
}

func makeTicket(
    ordinal: UInt64, attempt: UInt32 = 0, version number: UInt64 = 0, prompt: [Int32] = [1, 2]
) -> Ticket {
    Ticket(
        key: TicketKey(pass: 0, promptIndex: UInt32(ordinal), attempt: attempt), ordinal: ordinal,
        version: version(number), prompt: prompt, columns: "{}")
}

func makeCompletion(
    tokens: [Int32] = [3, 0], logprob: Float = -1, reward: Double? = nil
) -> Completion {
    Completion(
        tokens: tokens, behaviorLogprobs: [Float](repeating: logprob, count: tokens.count),
        keptLogMasses: [Float](repeating: 0, count: tokens.count), finishReason: .stop,
        reward: reward)
}

/// A well-formed answer; one completion per reward.
func answer(_ ticket: Ticket, rewards: [Double?] = [1, 0]) -> Group {
    Group(
        key: ticket.key, ordinal: ticket.ordinal, version: ticket.version, prompt: ticket.prompt,
        completions: rewards.map { makeCompletion(reward: $0) })
}

let validation = GroupValidation(groupSize: 2, maxCompletionLength: 4, vocabularySize: 10)

func makeSetup(
    _ schedule: Schedule = .lockstep, staleness: Int = 0, batch: Int = 2, steps: Int = 3,
    scoresHere: Bool = false, rewards: RewardValidation = .init(),
    abortsOnBadReward: Bool = false, abortsOnRewardFailure: Bool = false, replacements: Int = 0,
    leaseDuration: Duration = .seconds(10)
) -> LearnerSetup {
    LearnerSetup(
        plan: SchedulePlan(
            schedule: schedule, maxStaleness: staleness, groupsPerBatch: batch, maxSteps: steps),
        validation: validation, seed: 7, shuffles: false, scoresHere: scoresHere,
        rewards: rewards, abortsOnBadReward: abortsOnBadReward,
        abortsOnRewardFailure: abortsOnRewardFailure, replacementsMax: replacements,
        leaseDuration: leaseDuration)
}

/// Eight prompts whose first token is their row.
let prompts = (0..<8).map { TrainingPrompt(tokens: [Int32($0), 9], columns: "{\"row\":\($0)}") }
