internal import GRPO
internal import Sessions
internal import Training
internal import Wire

/// A whole cluster in one process under virtual time: the real state machines of learner and workers, with a
/// network, processes and a disk that fail as the seed says.
///
/// Nothing in it waits, and nothing but the seed decides: the same setup gives the same run, event by event.
package struct World {
    let setup: SimulationSetup
    let sampler: PretendSampler
    let prompts: [TrainingPrompt]
    var now = Duration.zero
    var events = EventQueue<Event>()
    var workers: [WorkerProcess] = []
    /// By worker and channel.
    var connections: [Connection]
    var learner: LearnerProcess
    var disk: SimulatedDisk
    var checker: Checker
    var measurements: Measurements
    var trace: Trace

    var networkChance: Chance
    var faultChance: Chance
    var workChance: Chance
    var diskChance: Chance

    /// `traceEnd`: the last event to note down for a violation's trace.
    package init(_ setup: SimulationSetup, traceEnd: Int? = nil) {
        self.setup = setup
        sampler = PretendSampler(setup)
        prompts = setup.trainingPrompts
        networkChance = Chance(seed: setup.seed, .network)
        faultChance = Chance(seed: setup.seed, .faults)
        workChance = Chance(seed: setup.seed, .work)
        diskChance = Chance(seed: setup.seed, .disk)
        connections = [Connection](repeating: Connection(), count: 2 * setup.processes)
        learner = LearnerProcess(setup, prompts: prompts)
        disk = SimulatedDisk(isRead: setup.faults.learnerCrash != nil)
        checker = Checker(setup)
        measurements = Measurements(setup)
        trace = Trace(before: traceEnd)
        for index in 0..<setup.processes {
            workers.append(WorkerProcess(index: index, session: session(of: index, incarnation: 1)))
        }
    }

    /// Runs to the end. Throws what must not happen, with its seed; a run that does not end is that too.
    package mutating func run() throws(Violation) -> SimulationReport {
        start()
        while !isOver {
            guard let (time, event) = events.popFirst() else { throw violation("nothing will ever happen") }
            now = time
            guard now <= setup.limit else { throw violation("the run does not end") }
            measurements.events += 1
            trace.event = measurements.events
            step(event)
            if let what = checker.violation { throw violation(what) }
        }
        checker.finish(weights: learner.weights)
        if let what = checker.violation { throw violation(what) }
        return measurements.report(at: now)
    }

    private mutating func step(_ event: Event) {
        guard setup.measures, event.isLearners, measurements.timesNextEvent() else { return handle(event) }
        let start = ContinuousClock.now
        handle(event)
        measurements.timed(ContinuousClock.now - start)
    }

    /// Runs `setup`. One that goes wrong runs again, the same way, for the events that led to it.
    package static func run(_ setup: SimulationSetup) throws(Violation) -> SimulationReport {
        var world = World(setup)
        do throws(Violation) { return try world.run() } catch {
            var again = World(setup, traceEnd: error.events)
            return try again.run()
        }
    }

    private mutating func start() {
        events.schedule(.startLearner, at: .zero)
        for index in 0..<setup.workers {
            // Processes of one command do not start in the same instant.
            events.schedule(.startWorker(index), at: workChance.duration(.zero ... .seconds(1)))
        }
        scheduleFaults()
    }

    private var isOver: Bool { learner.phase == .ended && !workers.contains(where: \.isRunning) }

    func violation(_ what: String) -> Violation {
        Violation(
            seed: setup.seed, what: what, time: now, events: measurements.events,
            setup: Violation.settings(of: setup), trace: trace.lines)
    }

    // MARK: Events

    mutating func handle(_ event: Event) {
        if postpones(event) { return }
        switch event {
        case .deliver(let delivery): deliver(delivery)
        case .connect(let worker, let channel, let epoch): connect(worker, channel, epoch: epoch)
        case .disconnect(let worker, let channel, let epoch):
            if connections[index(worker, channel)].epoch == epoch { disconnect(worker, channel) }
        case .startWorker(let index): startWorker(index)
        case .startLearner: startLearner()
        case .resumeWorker(let index, let life):
            if workers[index].life == life { resumeWorker(index) }
        case .resumeLearner(let life): if learner.life == life { resumeLearner() }
        case .tickWorker(let index, let life):
            guard workers[index].life == life, workers[index].nextTick == now else { return }
            workers[index].nextTick = .never
            tickWorker(index)
        case .hashed(let index, let life, let fetch, let chunk):
            guard workers[index].life == life, workers[index].fetches == fetch else { return }
            hashed(index, chunk)
        case .sampled(let index, let life, let job):
            guard workers[index].life == life, workers[index].jobs == job else { return }
            sampled(index)
        case .fault(let fault): happen(fault)
        default: handleAtLearner(event)
        }
    }

    /// Events of a stopped process wait until it goes on.
    private mutating func postpones(_ event: Event) -> Bool {
        guard setup.faults.stopProcesses else { return false }
        switch event {
        case .deliver(let delivery):
            if delivery.toLearner {
                guard learner.gate.isShut, isCurrent(delivery) else { return false }
                learner.gate.wait(event)
            } else {
                guard workers[delivery.worker].gate.isShut, isCurrent(delivery) else { return false }
                workers[delivery.worker].gate.wait(event)
            }
            return true
        case .tickWorker(let index, let life), .hashed(let index, let life, _, _),
            .sampled(let index, let life, _):
            guard workers[index].gate.isShut, workers[index].life == life else { return false }
            workers[index].gate.wait(event)
            return true
        case .connect, .disconnect, .startWorker, .resumeWorker, .startLearner, .resumeLearner, .fault:
            return false
        default:
            guard learner.gate.isShut else { return false }
            learner.gate.wait(event)
            return true
        }
    }
}
