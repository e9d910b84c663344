/// What a reward program is asked and what it answered, as a pure state machine: events in, actions out,
/// time an argument.
///
/// Every item is settled exactly once, with an answer or with a failure. Who is to blame for a failure of
/// the whole program is known only where one item was in flight: items that were in flight together are
/// asked again alone before any of them counts as failed.
package struct RewardQueue: Sendable {
    package typealias Serial = UInt64

    package enum Action: Hashable, Sendable {
        /// Start the program.
        case start(after: Duration)
        /// End the program at once: it failed.
        case stop
        /// Write these requests as one line.
        case send([RewardSending])
        case settle(Serial, RewardOutcome)
        /// The program offers these functions; once.
        case offer([String])
        /// The program is not asked any more.
        case giveUp(String)
        case note(String)
    }

    package struct Item: Hashable, Sendable {
        package var serial: Serial
        package var request: RewardRequest
        var failures = 0
        /// It was in flight when the program failed, so it is asked again alone.
        var isSuspect = false

        package init(serial: Serial, request: RewardRequest) {
            self.serial = serial
            self.request = request
        }
    }

    private enum Phase: Hashable {
        /// Never started.
        case off
        /// Started, or about to be, and without a hello.
        case starting(deadline: Duration)
        case running
        /// It ended and nothing is to be asked: started when something is.
        case resting
        /// Given up, for this reason.
        case over(String)
    }

    private let name: String
    private let limits: RewardLimits
    private var phase = Phase.off
    private var hello: RewardHello?
    private var waiting: [Item] = []
    private var flights = RewardFlights()
    /// When the program last had nothing to say, or said something.
    private var heard = Duration.zero
    private var failuresInRow = 0
    private var answersInRow = 0

    /// `name`: how messages call the program.
    package init(name: String, limits: RewardLimits) {
        self.name = name
        self.limits = limits
    }

    /// The batch size of lines; `nil`: single requests.
    var batch: Int? { hello.flatMap { $0.batch > 1 ? $0.batch : nil } }

    /// Whether the next line of the program is its hello.
    var isStarting: Bool { if case .starting = phase { true } else { false } }

    package mutating func start(now: Duration) -> [Action] { launch(after: .zero, now: now) }

    package mutating func submit(_ items: [Item], now: Duration) -> [Action] {
        if case .over(let reason) = phase {
            return items.map { .settle($0.serial, .abandoned(sentence($0, reason))) }
        }
        waiting += items
        if phase == .resting { return launch(after: limits.pause(failures: failuresInRow), now: now) }
        return pump(now: now)
    }

    package mutating func greeted(_ hello: RewardHello, now: Duration) -> [Action] {
        guard case .starting = phase else { return [] }
        if let earlier = self.hello, !Set(earlier.names).isSubset(of: hello.names) {
            let names = earlier.names.joined(separator: ", ")
            return failed("its hello does not offer \(names) as before", now: now)
        }
        let isFirst = self.hello == nil
        self.hello = hello
        phase = .running
        heard = now
        return (isFirst ? [.offer(hello.names)] : []) + pump(now: now)
    }

    package mutating func answered(_ answer: RewardAnswer, now: Duration) -> [Action] {
        guard phase == .running, let hello else { return [] }
        guard var item = flights.land(answer.id) else {
            let what = flights.wasSent(answer.id) ? "it answered twice" : "which it was not asked"
            return failed("it gave an answer for \(excerpt(Array(answer.id.utf8))), \(what)", now: now)
        }
        heard = now
        switch answer.checked(offered: hello.names) {
        case .rewards(let rewards):
            countAnswer()
            return [.settle(item.serial, .rewards(rewards))] + pump(now: now)
        case .failure(let problem):
            countAnswer()
            item.failures += 1
            return retryOrSettle(item, problem) + pump(now: now)
        }
    }

    /// The program ended, or what it does cannot be made sense of.
    package mutating func failed(_ problem: String, now: Duration) -> [Action] {
        switch phase {
        case .starting, .running: break
        // It has failed already, and this is its end.
        case .off, .resting, .over: return []
        }
        let isFirstStart = hello == nil
        var actions: [Action] = [.stop]
        var items = flights.landAll()
        for index in items.indices { items[index].isSuspect = true }
        if items.count == 1 {
            items[0].failures += 1
            actions += retryOrSettle(items[0], problem)
        } else {
            waiting = items + waiting
        }
        failuresInRow += 1
        answersInRow = 0
        guard !isFirstStart, failuresInRow <= limits.restarts else {
            let count = isFirstStart ? "" : "; that was failure \(failuresInRow) in a row"
            return actions + giveUp(problem + count)
        }
        actions.append(.note("\(name) failed: \(problem)"))
        phase = .resting
        if waiting.isEmpty { return actions }
        return actions + launch(after: limits.pause(failures: failuresInRow), now: now)
    }

    package mutating func tick(now: Duration) -> [Action] {
        guard let deadline, now >= deadline else { return [] }
        if case .starting = phase {
            return failed(
                "it printed no hello line within \(limits.start.inSeconds) s of its start", now: now)
        }
        return failed("it gave no answer within \(limits.item.inSeconds) s", now: now)
    }

    /// When to tick; `nil`: nothing is waited for.
    package var deadline: Duration? {
        switch phase {
        case .starting(let deadline): deadline
        case .running: flights.deadline(heard: heard, item: limits.item)
        case .off, .resting, .over: nil
        }
    }

    private mutating func launch(after pause: Duration, now: Duration) -> [Action] {
        phase = .starting(deadline: now + pause + limits.start)
        return [.start(after: pause)]
    }

    private mutating func countAnswer() {
        answersInRow += 1
        if answersInRow >= RewardLimits.answersBetween { failuresInRow = 0 }
    }

    private mutating func retryOrSettle(_ item: Item, _ problem: String) -> [Action] {
        guard item.failures > limits.retries else {
            waiting.insert(item, at: 0)
            return [.note("\(name) is asked again about \(item.request.place): \(problem)")]
        }
        return [.settle(item.serial, .failed(sentence(item, problem)))]
    }

    private func sentence(_ item: Item, _ problem: String) -> String {
        "\(name) failed on \(item.request.place): \(problem)"
    }

    private mutating func giveUp(_ problem: String) -> [Action] {
        let reason = "it is not asked any more, because \(problem)"
        phase = .over(reason)
        let items = waiting
        waiting = []
        return [.giveUp("\(name): \(problem)")]
            + items.map { .settle($0.serial, .abandoned(sentence($0, reason))) }
    }

    /// Sends what may be sent: suspects alone, others up to the limit.
    private mutating func pump(now: Duration) -> [Action] {
        guard phase == .running, let hello, !flights.hasSuspect else { return [] }
        var actions: [Action] = []
        while let first = waiting.first {
            if first.isSuspect {
                guard flights.isEmpty else { break }
                waiting.removeFirst()
                actions.append(send([first], now: now))
                break
            }
            let free = RewardLimits.itemsInFlight - flights.count
            let line = waiting.prefix(min(hello.batch, max(free, 0))).prefix { !$0.isSuspect }
            guard !line.isEmpty else { break }
            waiting.removeFirst(line.count)
            actions.append(send(Array(line), now: now))
        }
        return actions
    }

    private mutating func send(_ items: [Item], now: Duration) -> Action {
        if flights.isEmpty { heard = now }
        return .send(flights.launch(items, now: now, limit: limits.item))
    }
}

/// What became of an item.
package enum RewardOutcome: Hashable, Sendable {
    /// By function; `nil`: it does not apply.
    case rewards([String: Double?])
    /// One sentence that names program and completion.
    case failed(String)
    /// As `failed`, and the program is not asked about anything any more.
    case abandoned(String)
}

extension Duration {
    /// As a person would write it: 10, 0.25.
    fileprivate var inSeconds: String {
        let seconds = self / .seconds(1)
        return Int(exactly: seconds).map(String.init) ?? "\(seconds)"
    }
}
