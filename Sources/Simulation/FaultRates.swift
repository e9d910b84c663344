/// What goes wrong, how often, and until when. All zeros: nothing.
///
/// An interval is the mean time between two faults of the kind at one process or connection; `nil`: never.
package struct FaultRates: Hashable, Sendable {
    // MARK: The network

    /// A connection breaks: what is on its way in either direction is lost.
    package var disconnect: Duration?
    /// A worker's machine is cut off, one way or both.
    package var partition: Duration?
    package var partitionLength: Duration = .seconds(10)
    /// Partitions in one direction only.
    package var oneWayShare = 0.5
    /// Frames that take far longer than others, and hold up those behind them.
    package var slowShare = 0.0
    /// Frames lost, repeated and overtaken: what no ZeroMQ connection does, and the sessions bear none
    /// the less.
    package var lossShare = 0.0
    package var repeatShare = 0.0
    package var overtakeShare = 0.0
    /// Frames with one flipped bit; needs real frames.
    package var corruptionShare = 0.0

    // MARK: Processes

    package var workerCrash: Duration?
    /// A second process starts under a worker's name, while the first still runs.
    package var workerTwin: Duration?
    /// Groups whose sampling never ends. One worker is spared, or no run would end.
    package var stallShare = 0.0
    /// SIGSTOP, or a suspended machine.
    package var workerPause: Duration?
    package var workerPauseLength: Duration = .seconds(10)
    package var learnerCrash: Duration?
    package var learnerPause: Duration?
    package var learnerPauseLength: Duration = .seconds(10)
    /// A worker's wall clock is set, by up to half a minute in either direction.
    package var clockJump: Duration?
    /// Groups that do not answer their ticket.
    package var malformedShare = 0.0

    // MARK: The disk

    /// The journal finds the disk full.
    package var diskFull: Duration?
    package var diskFullLength: Duration = .seconds(20)
    /// Checkpoints that are not written, or turn out damaged when they are needed.
    package var checkpointFailureShare = 0.0
    package var checkpointDamageShare = 0.0

    /// Virtual time after which nothing goes wrong any more; `nil`: it goes on to the end.
    package var until: Duration?

    package init() {}

    package static let none = FaultRates()

    /// A cluster on a bad day: spot machines that go, a network that hiccups.
    package static let light: FaultRates = {
        var plan = FaultRates()
        plan.disconnect = .seconds(6 * 3_600)
        plan.partition = .seconds(24 * 3_600)
        plan.workerCrash = .seconds(6 * 3_600)
        plan.workerPause = .seconds(12 * 3_600)
        plan.learnerCrash = .seconds(24 * 3_600)
        plan.checkpointFailureShare = 0.01
        return plan
    }()

    /// A cluster that nobody should rent.
    package static let heavy: FaultRates = {
        var plan = FaultRates()
        plan.disconnect = .seconds(600)
        plan.partition = .seconds(3_600)
        plan.slowShare = 0.001
        plan.workerCrash = .seconds(1_200)
        plan.workerPause = .seconds(1_800)
        plan.learnerCrash = .seconds(3_600)
        plan.learnerPause = .seconds(3_600)
        plan.clockJump = .seconds(3_600)
        plan.diskFull = .seconds(7_200)
        plan.checkpointFailureShare = 0.05
        plan.checkpointDamageShare = 0.05
        return plan
    }()

    package var isNone: Bool { self == .none }

    /// Whether any process is ever stopped for a while.
    var stopProcesses: Bool { workerPause != nil || learnerPause != nil }
}
