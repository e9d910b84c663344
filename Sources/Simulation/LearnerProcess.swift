internal import GRPO
internal import Ports
internal import Sessions
internal import Training
internal import Wire

/// The learner's process: its link and its loop.
struct LearnerProcess {
    enum Phase: Hashable {
        case down
        /// Replaying what was journaled since the checkpoint.
        case recovering
        case running
        /// DRAIN was said, then GOODBYE; both waits end at a deadline.
        case draining(until: Duration)
        case leaving(until: Duration)
        /// The last entries and the last checkpoint are being written.
        case finishing
        case ended
    }

    /// Starts so far; its incarnation.
    var life = 0
    var phase = Phase.down
    var gate = Gate()

    // The link.
    var session: LearnerSession
    var outbox: PeerOutbox
    var store = ParcelStore()
    var shelf = SnapshotShelf()
    var isServing = false
    var nextTick = Duration.never

    // The loop.
    var state: LearnerState
    /// What came from the link before the loop had begun.
    var heldBack: [LearnerEvent] = []
    /// Of earlier learners; needed until the state machine has begun.
    var history = RunHistory()
    var version = PolicyVersion(incarnation: 0, number: 0)
    var weights: UInt64 = 0
    /// By number, for batches to come and for checkpoints.
    var earlierWeights: [UInt64: UInt64] = [:]
    var snapshots: [PolicyVersion: PretendSnapshot] = [:]
    /// Being trained on, or trained on and not published.
    var batch: [Group]?
    var isTraining = false
    var trainingStarted = Duration.zero
    var isSaving = false
    var waitingCheckpoint: SimulatedDisk.Checkpoint?
    var beingSaved: SimulatedDisk.Checkpoint?
    /// Of events to the loop and of replies from it: neither overtakes its like.
    var lastHandoff = (events: Duration.zero, replies: Duration.zero)

    init(_ setup: SimulationSetup, prompts: [TrainingPrompt]) {
        session = LearnerSession(setup.terms(incarnation: 0, earlierVersions: []))
        outbox = PeerOutbox(deadline: setup.liveness, capacity: setup.outboxCapacity)
        state = LearnerState(
            setup.learner, prompts: prompts,
            start: LearnerStart(version: PolicyVersion(incarnation: 0, number: 0)))
    }

    /// `weights` are what version `number` is; batches to come may be sampled from them.
    mutating func keep(_ weights: UInt64, of number: UInt64, oldest: UInt64) {
        earlierWeights[number] = weights
        earlierWeights = earlierWeights.filter { $0.key >= oldest }
    }

    /// Whether its sockets are bound.
    var isListening: Bool { phase != .down && phase != .ended }
}

extension SimulationSetup {
    private static let configuration = #"{"seed":1}"#

    func terms(incarnation: UInt32, earlierVersions: Set<PolicyVersion>) -> LearnerTerms {
        LearnerTerms(
            incarnation: incarnation, runID: RunID([UInt8](repeating: 7, count: 16))!,
            configuration: Self.configuration,
            configurationFingerprint: Pretence.digest(Array(Self.configuration.utf8)),
            numerics: "pretended", isExact: true, heartbeatInterval: heartbeat,
            livenessDeadline: liveness, largestGroupBytes: 1 << 20, groupSize: groupSize,
            rewardPlacement: scoresHere ? .learner : .worker, leaseDuration: lease,
            workersMax: max(16, 2 * workers), firstLease: Lease.firstID(ofIncarnation: incarnation),
            earlierVersions: earlierVersions)
    }

    var firstWeights: UInt64 { Pretence.mix(seed, 0) }

    var trainingPrompts: [TrainingPrompt] {
        (0..<prompts).map { row in
            TrainingPrompt(tokens: [Int32(row % PretendSampler.vocabulary), 1], columns: "{}")
        }
    }

    var learner: LearnerSetup {
        LearnerSetup(
            plan: plan,
            validation: GroupValidation(
                groupSize: groupSize, maxCompletionLength: completionLength,
                vocabularySize: PretendSampler.vocabulary),
            seed: seed, shuffles: true, scoresHere: scoresHere, abortsOnBadReward: false,
            replacementsMax: replacementsMax, leaseDuration: lease)
    }
}
