internal import GRPO
internal import Ports
internal import Training
internal import Wire

/// What a run's report is made of.
struct Measurements {
    /// Of so many messages of a kind, one is encoded to see how long it is.
    private static let sampling = 256
    /// Of so many of the learner's events, one is timed. A prime number: nothing comes in its rhythm.
    private static let timing = 17

    private struct Sample {
        var count = 0
        /// Of the one that was encoded last.
        var bytes = 0
    }

    private let setup: SimulationSetup
    private let groupBytes: Double
    var events = 0
    var faults = 0
    var disconnects = 0
    var workerRestarts = 0
    var learnerRestarts = 0
    var replayedSteps = 0
    var commits = 0
    var trainingTime = Duration.zero
    /// Trained and lost with the learner.
    var lostTrainingTime = Duration.zero
    /// From the learner's death to the end of its replays.
    var recoveryTime = Duration.zero
    /// Of all workers.
    var samplingTime = Duration.zero
    /// Of this machine, in the learner's link and loop.
    private var coordinatorTime = Duration.zero
    private var learnerEvents = 0
    var accounting = GroupAccounting()
    private var died: Duration?
    private var arrivals: [TicketKey: Duration] = [:]
    private var waits: [Duration] = []
    private var staleness: [Int]
    private var steps = 0
    private var messages = [0, 0]
    private var bytes = [0.0, 0.0]
    /// By type of message.
    private var samples = [Sample](
        repeating: Sample(), count: 1 + Int(MessageType.allCases.map(\.rawValue).max()!))

    init(_ setup: SimulationSetup) {
        self.setup = setup
        groupBytes = Double(setup.groupBytes)
        staleness = [Int](repeating: 0, count: setup.plan.maxStaleness + 1)
    }

    // MARK: Messages

    mutating func count(_ parcel: Parcel, toLearner: Bool) {
        guard setup.measures else { return }
        let way = toLearner ? 1 : 0
        messages[way] += 1
        if setup.encodes, case .frame(let frame) = parcel {
            bytes[way] += Double(frame.count)
            return
        }
        guard let kind = parcel.kind else {
            bytes[way] += groupBytes
            return
        }
        samples[kind].count += 1
        if samples[kind].count % Self.sampling == 1 { samples[kind].bytes = parcel.byteCount }
        bytes[way] += Double(samples[kind].bytes)
    }

    // MARK: The coordinator's time

    /// One more event of the learner; whether it is one of those whose time is taken.
    mutating func timesNextEvent() -> Bool {
        learnerEvents += 1
        return learnerEvents % Self.timing == 0
    }

    /// What such an event took stands for those between.
    mutating func timed(_ time: Duration) { coordinatorTime += time * Self.timing }

    // MARK: Groups

    mutating func received(_ group: Group, at time: Duration) {
        guard setup.measures, arrivals[group.key] == nil else { return }
        arrivals[group.key] = time
    }

    mutating func consumed(_ batch: [Group], step: Int, at time: Duration) {
        guard setup.measures else { return }
        steps = max(steps, step + 1)
        for group in batch {
            if let arrival = arrivals.removeValue(forKey: group.key) { waits.append(time - arrival) }
            staleness[min(max(0, step - Int(group.version.number)), staleness.count - 1)] += 1
        }
    }

    // MARK: The learner's deaths

    mutating func learnerCrashed(_ learner: LearnerProcess, at time: Duration) {
        learnerRestarts += 1
        died = died ?? time
        if learner.isTraining { lostTrainingTime += time - learner.trainingStarted }
    }

    mutating func learnerRecovered(at time: Duration) {
        if let died { recoveryTime += time - died }
        died = nil
    }

    // MARK: The report

    func report(at time: Duration) -> SimulationReport {
        let waits = waits.sorted()
        func wait(_ share: Double) -> Double {
            waits.isEmpty ? 0 : waits[min(waits.count - 1, Int(share * Double(waits.count)))].seconds
        }
        let groups = Double(max(1, accounting.consumed))
        return SimulationReport(
            seconds: time.seconds, steps: steps,
            stepsPerHour: Double(steps) / max(time.seconds, 1e-9) * 3_600,
            learnerUtilization: trainingTime / time,
            workerUtilization: samplingTime / (time * setup.workers), groups: accounting,
            staleness: staleness,
            queueing: .init(median: wait(0.5), p90: wait(0.9), p99: wait(0.99), longest: wait(1)),
            coordinator: .init(
                messagesPerGroup: Double(messages[0] + messages[1]) / groups,
                bytesReceivedPerGroup: bytes[1] / groups, bytesSentPerGroup: bytes[0] / groups,
                groupsPerCommit: groups / Double(max(1, commits)),
                microsecondsPerGroup: coordinatorTime.seconds * 1e6 / groups),
            faults: .init(
                happened: faults, disconnects: disconnects, workerRestarts: workerRestarts,
                learnerRestarts: learnerRestarts, replayedSteps: replayedSteps,
                secondsOfTrainingLost: lostTrainingTime.seconds, secondsOfRecovery: recoveryTime.seconds),
            events: events)
    }
}

extension Duration {
    fileprivate var seconds: Double { self / .seconds(1) }
}

extension SimulationSetup {
    /// Of a GROUP frame with completions as long as they come.
    fileprivate var groupBytes: Int {
        Group.wireBytes(groupSize: groupSize, promptLength: 64, completionLength: reckonedLength) ?? 0
    }
}

extension Parcel {
    /// Which message it is; `nil` for a group, which alone may be a frame among values.
    fileprivate var kind: Int? {
        switch self {
        case .worker(let message): message.type == .group ? nil : Int(message.type.rawValue)
        case .learner(let message): Int(message.type.rawValue)
        case .fetcher(let message): Int(message.type.rawValue)
        case .holder(let message): Int(message.type.rawValue)
        case .frame: nil
        }
    }

    fileprivate var byteCount: Int {
        let frame: [UInt8]? =
            switch self {
            case .worker(let message): try? message.encode()
            case .learner(let message): try? message.encode()
            case .fetcher(let message): try? message.encode()
            case .holder(let message): try? message.encode()
            case .frame(let bytes): bytes
            }
        return frame?.count ?? 0
    }
}
