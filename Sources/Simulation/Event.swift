internal import GRPO
internal import Ports
internal import Sessions
internal import Training

/// What happens at a moment. Events of a process name its life: those of an earlier one come to nothing.
enum Event {
    case deliver(Delivery)
    case connect(worker: Int, channel: Channel, epoch: Int)
    case disconnect(worker: Int, channel: Channel, epoch: Int)

    case startWorker(Int)
    case tickWorker(Int, life: Int)
    case hashed(worker: Int, life: Int, fetch: Int, chunk: Int?)
    case sampled(worker: Int, life: Int, job: Int)
    case resumeWorker(Int, life: Int)

    case startLearner
    case tickLink(life: Int)
    case tickLearner(life: Int)
    case rollouts([LearnerEvent], life: Int)
    case replies([LearnerSession.Reply], life: Int)
    indirect case scored(Group, lease: Lease.ID, from: WorkerID, life: Int)
    case recovered(life: Int)
    case committed(life: Int)
    case trained(life: Int)
    case saved(life: Int)
    case serve(life: Int)
    case resumeLearner(life: Int)

    case fault(Fault)

    /// Whether the learner's process has to do with it.
    var isLearners: Bool {
        switch self {
        case .deliver(let delivery): delivery.toLearner
        case .tickLink, .tickLearner, .rollouts, .replies, .scored, .committed, .serve: true
        default: false
        }
    }

    /// Something from the network, which is read before timers are looked at.
    var isDelivery: Bool { if case .deliver = self { true } else { false } }
}

/// What goes wrong next, and where.
enum Fault {
    case disconnect(Int)
    case partition(Int)
    case workerCrash(Int)
    case workerTwin(Int)
    case workerPause(Int)
    case clockJump(Int)
    case learnerCrash
    case learnerPause
    case diskFull
}
