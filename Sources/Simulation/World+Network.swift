internal import GRPO
internal import Sessions
internal import Wire

// Frames and connections.

extension World {
    func index(_ worker: Int, _ channel: Channel) -> Int { 2 * worker + channel.rawValue }

    /// Whether the connection that the parcel was sent on still stands.
    func isCurrent(_ delivery: Delivery) -> Bool {
        let connection = connections[index(delivery.worker, delivery.channel)]
        return connection.isUp && connection.epoch == delivery.epoch
            && workers[delivery.worker].life == delivery.life
    }

    /// False if there is no room, or no connection. What is sent may still be lost with its connection.
    mutating func send(
        _ parcel: Parcel, _ channel: Channel, worker: Int, toLearner: Bool
    ) -> Bool {
        let place = index(worker, channel)
        guard connections[place].isUp,
            connections[place].hasRoom(toLearner: toLearner, capacity: setup.pipeCapacity)
        else { return false }
        let isFaulty = isFaultTime
        measurements.count(parcel, toLearner: toLearner)
        if isFaulty, networkChance.happens(setup.faults.lossShare) {
            trace.note(now, "lost: \(parcel)")
            return true
        }
        let copies = isFaulty && networkChance.happens(setup.faults.repeatShare) ? 2 : 1
        for _ in 0..<copies {
            var delay = networkChance.delay(setup.networkDelay)
            if isFaulty, networkChance.happens(setup.faults.slowShare) {
                delay = networkChance.delay(setup.networkDelay.tail)
            }
            // An overtaken frame comes late, and those after it do not wait.
            let isOvertaken = isFaulty && networkChance.happens(setup.faults.overtakeShare)
            let arrival =
                isOvertaken
                ? now + delay + networkChance.duration(.zero ... .seconds(2))
                : connections[place].arrival(of: delay, toLearner: toLearner, now: now)
            connections[place].sent(toLearner: toLearner)
            let delivery = Delivery(
                channel: channel, worker: worker, life: workers[worker].life,
                epoch: connections[place].epoch, toLearner: toLearner, parcel: parcel)
            events.schedule(.deliver(delivery), at: arrival)
        }
        return true
    }

    var isFaultTime: Bool { setup.faults.until.map { now < $0 } ?? true }

    mutating func deliver(_ delivery: Delivery) {
        guard isCurrent(delivery) else { return }
        connections[index(delivery.worker, delivery.channel)].read(toLearner: delivery.toLearner)
        read(delivery, isDisplaced: false)
        // Room was made.
        if delivery.toLearner { flush(delivery.worker, delivery.channel) }
    }

    /// `isDisplaced`: its connection has ended, and another took its routing id over.
    mutating func read(_ delivery: Delivery, isDisplaced: Bool) {
        var parcel = delivery.parcel
        if isFaultTime, networkChance.happens(setup.faults.corruptionShare) {
            parcel = parcel.damaged(by: &networkChance)
        }
        let (arrow, late) = (delivery.toLearner ? "→" : "←", isDisplaced ? " (late)" : "")
        trace.note(now, "w\(delivery.worker) \(arrow) \(parcel)\(late)")
        switch (delivery.toLearner, delivery.channel) {
        case (true, .rollouts):
            let address = workers[delivery.worker].address
            receiveAtLink(parcel, from: isDisplaced ? PeerAddress(address.bytes + [1]) : address)
        case (true, .snapshots): receiveAtShelf(parcel, from: workers[delivery.worker].address)
        case (false, .rollouts): receiveAtWorker(parcel, delivery.worker)
        case (false, .snapshots): receiveAtFetch(parcel, delivery.worker)
        }
    }

    // MARK: Connections

    mutating func connect(_ worker: Int, _ channel: Channel, epoch: Int) {
        let place = index(worker, channel)
        guard connections[place].epoch == epoch, !connections[place].isUp, workers[worker].isRunning
        else { return }
        guard learner.isListening, !learner.gate.isShut, !workers[worker].gate.isShut,
            !connections[place].isBlocked(now: now)
        else { return retry(worker, channel) }
        connections[place].open()
        trace.note(now, "w\(worker) is connected (\(channel))")
        flush(worker, channel)
    }

    private mutating func retry(_ worker: Int, _ channel: Channel) {
        let place = index(worker, channel)
        let factor = Double(1 << min(connections[place].attempts, 5))
        connections[place].attempts += 1
        let pause = min(networkChance.delay(setup.reconnectTime) * factor, .seconds(5))
        events.schedule(
            .connect(worker: worker, channel: channel, epoch: connections[place].epoch),
            at: now + max(pause, .milliseconds(1)))
    }

    /// What is on its way is lost; libzmq connects again by itself.
    mutating func disconnect(_ worker: Int, _ channel: Channel) {
        let place = index(worker, channel)
        guard connections[place].isUp else { return }
        trace.note(now, "w\(worker) is disconnected (\(channel))")
        connections[place].close()
        measurements.disconnects += 1
        if workers[worker].isRunning { retry(worker, channel) }
    }

    /// The connections of a process that starts or has ended.
    mutating func resetConnections(of worker: Int) {
        for channel in Channel.allCases {
            connections[index(worker, channel)].close()
            connections[index(worker, channel)].attempts = 0
            if workers[worker].isRunning { retry(worker, channel) }
        }
    }

    /// Pings go unanswered: the connection ends unless `isOver` in time.
    mutating func disconnectUnlessAnswered(_ worker: Int, silence: Duration) {
        guard silence > Connection.pingTimeout else { return }
        for channel in Channel.allCases {
            events.schedule(
                .disconnect(
                    worker: worker, channel: channel,
                    epoch: connections[index(worker, channel)].epoch),
                at: now + Connection.pingTimeout)
        }
    }

    /// Sends the worker's parcel, behind those that wait, or lets it wait.
    mutating func post(_ parcel: Parcel, _ channel: Channel, _ worker: Int) {
        let process = workers[worker]
        if process.outgoing[channel.rawValue].isEmpty,
            send(parcel, channel, worker: worker, toLearner: true)
        {
            return
        }
        process.outgoing[channel.rawValue].append(parcel)
        flush(worker, channel)
    }

    /// Sends what waits at the worker, as far as there is room.
    mutating func flush(_ worker: Int, _ channel: Channel) {
        guard !workers[worker].outgoing[channel.rawValue].isEmpty else { return }
        let waiting = workers[worker].outgoing[channel.rawValue]
        let sent = waiting.prefix { send($0, channel, worker: worker, toLearner: true) }.count
        workers[worker].outgoing[channel.rawValue].removeFirst(sent)
    }
}
