private import Foundation
package import GRPO
package import Ports
internal import Sessions
private import Wire

/// How a learner's end of the link is set up.
package struct LearnerLinkConfiguration: Sendable {
    package var address: LearnerAddress
    /// How often the learner has started on this run; persisted, and larger at every start.
    package var incarnation: UInt32
    /// What workers are told.
    package var worker: WorkerConfiguration
    package var numerics: String
    /// Refuse workers whose numerics fingerprint is another.
    package var isExact: Bool
    /// Encrypts tcp endpoints, and lets in whom it lists; ipc rests on the rights of its directory.
    package var security: LearnerSecurity?
    /// Accept endpoints that other machines can reach, without encryption.
    package var insecure: Bool
    package var heartbeatInterval: Duration
    /// Silence after which a worker counts as gone.
    package var livenessDeadline: Duration
    /// What workers are told that they may take for one lease.
    package var leaseDuration: Duration
    /// The longest prompt, in tokens; with the size of groups it bounds the frames that are
    /// accepted.
    package var promptTokensMax: Int
    package var workersMax: Int
    /// What earlier starts of the learner published: groups that were sampled from it are welcome.
    package var earlierVersions: Set<PolicyVersion>
    /// How long `drain` waits for workers to leave.
    package var drainLimit: Duration
    /// Told, in a sentence, what a person should know: who was refused and why, who did not leave.
    package var note: @Sendable (String) -> Void

    package init(
        address: LearnerAddress, incarnation: UInt32, worker: WorkerConfiguration, numerics: String,
        isExact: Bool = true, security: LearnerSecurity? = nil, insecure: Bool = false,
        heartbeatInterval: Duration = .seconds(1),
        livenessDeadline: Duration = .seconds(5), leaseDuration: Duration = .seconds(600),
        promptTokensMax: Int = 131_072, workersMax: Int = 1_024,
        earlierVersions: Set<PolicyVersion> = [], drainLimit: Duration = .seconds(5),
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.address = address
        self.incarnation = incarnation
        self.worker = worker
        self.numerics = numerics
        self.isExact = isExact
        self.security = security
        self.insecure = insecure
        self.heartbeatInterval = heartbeatInterval
        self.livenessDeadline = livenessDeadline
        self.leaseDuration = leaseDuration
        self.promptTokensMax = promptTokensMax
        self.workersMax = workersMax
        self.earlierVersions = earlierVersions
        self.drainLimit = drainLimit
        self.note = note
    }

    /// The largest GROUP frame that this run can produce. Throws where it would not fit one
    /// message.
    package func largestGroupBytes() throws -> Int {
        let length = worker.sampling.maxCompletionLength
        let bytes = Group.wireBytes(
            groupSize: worker.groupSize, promptLength: promptTokensMax, completionLength: length,
            rewardFunctions: worker.rewards.names.count)
        guard let bytes, bytes <= WireLimits.rolloutFrameBytes,
            length <= WireLimits.tokensPerCompletion,
            1...WireLimits.completionsPerGroup ~= worker.groupSize
        else {
            throw LinkConfigurationError(
                "a group of \(worker.groupSize) completions of \(length) tokens does not fit a message "
                    + "of \(WireLimits.rolloutFrameBytes) bytes; lower num_generations or "
                    + "max_completion_length")
        }
        return bytes
    }

    /// What WELCOME says. Throws where the settings make no valid one.
    func terms() throws -> LearnerTerms {
        guard let runID = RunID(hexadecimal: worker.runID) else {
            throw LinkConfigurationError(
                "the run id \"\(worker.runID)\" is not 32 hexadecimal digits")
        }
        guard heartbeatInterval >= .milliseconds(1), livenessDeadline > heartbeatInterval,
            livenessDeadline <= .seconds(86_400)
        else {
            throw LinkConfigurationError(
                "a liveness deadline of \(livenessDeadline) does not fit heartbeats every \(heartbeatInterval)"
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = Array(try encoder.encode(worker))
        guard json.count <= WireLimits.configurationBytes else {
            throw LinkConfigurationError(
                "the configuration for workers has \(json.count) bytes; at most "
                    + "\(WireLimits.configurationBytes) can be sent")
        }
        return LearnerTerms(
            incarnation: incarnation, runID: runID,
            configuration: String(decoding: json, as: UTF8.self),
            configurationFingerprint: sha256(json), numerics: numerics, isExact: isExact,
            heartbeatInterval: heartbeatInterval, livenessDeadline: livenessDeadline,
            largestGroupBytes: try largestGroupBytes(), groupSize: worker.groupSize,
            rewardPlacement: worker.rewardPlacement == .worker ? .worker : .learner,
            leaseDuration: leaseDuration, workersMax: workersMax,
            firstLease: Lease.firstID(ofIncarnation: incarnation),
            earlierVersions: earlierVersions,
            limits: SessionLimits(
                promptTokens: min(promptTokensMax, WireLimits.tokensPerPrompt),
                completionTokens: worker.sampling.maxCompletionLength,
                completions: worker.groupSize))
    }
}
