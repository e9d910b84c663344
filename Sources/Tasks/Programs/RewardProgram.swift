/// A reward program: started, asked, restarted where it fails. See `protocols/reward-jsonl.md`.
///
/// The shell around `RewardQueue`, which decides everything. Messages go to `note`.
package actor RewardProgram {
    private struct Call {
        var outcomes: [RewardOutcome?]
        var left: Int
        var continuation: CheckedContinuation<[RewardOutcome], any Error>
    }

    /// As messages call it.
    package nonisolated let name: String
    private let order: ProgramProcess.Order
    private let note: @Sendable (String) -> Void
    private var queue: RewardQueue
    private var calls: [UInt64: Call] = [:]
    /// The call of an item and the item's place in it.
    private var owners: [RewardQueue.Serial: (call: UInt64, place: Int)] = [:]
    private var nextCall: UInt64 = 0
    private var nextSerial: RewardQueue.Serial = 0
    private var starting: [CheckedContinuation<[String], any Error>] = []
    private var process: ProgramProcess?
    private var isRunning = false
    /// Waits for the end of a stopped program.
    private var stopping: CheckedContinuation<Void, Never>?
    /// Starts so far; events of an earlier start concern nobody.
    private var generation = 0
    private var timer: (deadline: Duration, task: Task<Void, Never>)?
    private var isStopped = false
    private let now: @Sendable () -> Duration

    /// `directory`: where it starts. `log`: the file that its standard error is added to.
    package init(
        command: String, directory: String, log: String, limits: RewardLimits,
        note: @escaping @Sendable (String) -> Void
    ) {
        name = "the reward program \"\(command)\" (log: \(log))"
        order = ProgramProcess.Order(command: command, directory: directory, log: log)
        self.note = note
        queue = RewardQueue(name: name, limits: limits)
        let origin = ContinuousClock.now
        now = { origin.duration(to: .now) }
    }

    /// Starts the program; answers with the functions that it offers. Throws `RewardProgramError` where it
    /// does not get as far as its hello line. Once.
    package func start() async throws -> [String] {
        try await withCheckedThrowingContinuation { continuation in
            starting.append(continuation)
            perform(queue.start(now: now()))
        }
    }

    /// What the program says of each item, in order. Throws `CancellationError` where the task is
    /// cancelled or the program stopped.
    package func judge(_ items: [RewardRequest]) async throws -> [RewardOutcome] {
        guard !items.isEmpty else { return [] }
        let call = nextCall
        nextCall += 1
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { submit(items, call: call, $0) }
        } onCancel: {
            Task { await self.cancel(call) }
        }
    }

    /// Ends the program: at the end of its input it has a second to leave.
    package func stop() async {
        isStopped = true
        timer?.task.cancel()
        for call in calls.keys { cancel(call) }
        guard isRunning else { return }
        process?.close()
        let reaper = Task {
            try await Task.sleep(for: .seconds(1))
            process?.kill()
            try await Task.sleep(for: .seconds(1))
            // Whoever still holds its output has left its process group: that is not waited for.
            ended()
        }
        await withCheckedContinuation { stopping = $0 }
        reaper.cancel()
    }

    private func ended() {
        isRunning = false
        stopping?.resume()
        stopping = nil
    }

    private func submit(
        _ items: [RewardRequest], call: UInt64,
        _ continuation: CheckedContinuation<[RewardOutcome], any Error>
    ) {
        guard !isStopped else { return continuation.resume(throwing: CancellationError()) }
        calls[call] = Call(
            outcomes: .init(repeating: nil, count: items.count), left: items.count,
            continuation: continuation)
        let members = items.enumerated().map { place, request in
            owners[nextSerial] = (call, place)
            defer { nextSerial += 1 }
            return RewardQueue.Item(serial: nextSerial, request: request)
        }
        perform(queue.submit(members, now: now()))
    }

    private func cancel(_ call: UInt64) {
        guard let cancelled = calls.removeValue(forKey: call) else { return }
        owners = owners.filter { $0.value.call != call }
        cancelled.continuation.resume(throwing: CancellationError())
    }

    private func perform(_ actions: [RewardQueue.Action]) {
        for action in actions {
            switch action {
            case .start(let pause): launch(after: pause)
            case .stop: process?.kill()
            case .send(let sendings): process?.write(text(sendings))
            case .settle(let serial, let outcome): settle(serial, outcome)
            case .offer(let names): resumeStarting(.success(names))
            case .giveUp(let reason):
                // Whoever waits for the start says it; later nobody else would.
                if starting.isEmpty { note(reason) }
                resumeStarting(.failure(RewardProgramError(description: reason)))
            case .note(let text): note(text)
            }
        }
        arm()
    }

    private func text(_ sendings: [RewardSending]) -> String {
        let objects = sendings.map { sending in
            sending.request.json(id: sending.id, deadline: Int(sending.limit / .milliseconds(1)))
        }
        return queue.batch == nil ? objects.joined() : "[" + objects.joined(separator: ",") + "]"
    }

    private func settle(_ serial: RewardQueue.Serial, _ outcome: RewardOutcome) {
        guard let (call, place) = owners.removeValue(forKey: serial) else { return }
        calls[call]?.outcomes[place] = outcome
        calls[call]?.left -= 1
        guard calls[call]?.left == 0, let done = calls.removeValue(forKey: call) else { return }
        done.continuation.resume(returning: done.outcomes.compactMap { $0 })
    }

    private func resumeStarting(_ result: Result<[String], any Error>) {
        for continuation in starting { continuation.resume(with: result) }
        starting = []
    }

    private func launch(after pause: Duration) {
        generation += 1
        let process = ProgramProcess(order)
        self.process = process
        isRunning = true
        let generation = generation
        Task {
            if pause > .zero { try? await Task.sleep(for: pause) }
            if !isStopped {
                await process.run { event in await self.heard(event, generation) }
            }
            if generation == self.generation { ended() }
        }
    }

    private func heard(_ event: ProgramProcess.Event, _ generation: Int) {
        guard generation == self.generation, !isStopped else { return }
        switch event {
        case .piece(.line(let line)): perform(understand(line))
        case .piece(.tooLong):
            let problem = "it printed a line of more than \(LineSplitter.lineBytesMax) bytes"
            perform(queue.failed(problem, now: now()))
        case .ended(let ending): perform(queue.failed(ending, now: now()))
        }
    }

    /// A line is the hello, or answers. After a failure the rest of the output means nothing.
    private func understand(_ line: [UInt8]) -> [RewardQueue.Action] {
        guard line.contains(where: { $0 > 0x20 }) else { return [] }
        do throws(RewardLineError) {
            if queue.isStarting { return queue.greeted(try RewardHello(line: line), now: now()) }
            return try RewardAnswer.answers(line: line).flatMap { queue.answered($0, now: now()) }
        } catch {
            return queue.failed(error.description, now: now())
        }
    }

    /// Sees to it that the queue is ticked at its deadline.
    private func arm() {
        guard !isStopped, let deadline = queue.deadline else { return }
        if let timer, timer.deadline <= deadline { return }
        timer?.task.cancel()
        let pause = deadline - now()
        timer = (deadline, Task {
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            timer = nil
            perform(queue.tick(now: now()))
        })
    }
}

/// A reward program that does not work at all.
package struct RewardProgramError: Error, Hashable, CustomStringConvertible {
    package var description: String

    package init(description: String) { self.description = description }
}
