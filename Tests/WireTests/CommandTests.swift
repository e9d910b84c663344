import GRPO
import Testing
import Wire

@Suite("Commands") struct CommandTests {
    @Test("A duration's part below a millisecond is cut off")
    func durations() throws {
        var leased = Sample.leased()
        leased.deadline = .microseconds(1_999)
        guard case .lease(let offer) = try sent(.lease(Sample.offer([leased]))) else {
            fatalError()
        }
        #expect(offer.tickets[0].deadline == .milliseconds(1))
    }

    @Test(
        "Durations that 32 bits of milliseconds cannot hold are refused",
        arguments: [
            Duration.milliseconds(-1), .nanoseconds(-1), .milliseconds(1 << 32),
            .seconds(Int64.max),
            .seconds(Int64.min),
        ])
    func impossibleDurations(duration: Duration) {
        var leased = Sample.leased()
        leased.deadline = duration
        #expect(
            code { () throws(WireError) in try sent(.lease(Sample.offer([leased]))) } == .badField)
        var welcome = Sample.welcome()
        welcome.livenessDeadline = duration
        #expect(code { () throws(WireError) in try sent(.welcome(welcome)) } == .badField)
    }

    @Test("A heartbeat interval below a millisecond is refused, not rounded to never")
    func shortHeartbeat() {
        var welcome = Sample.welcome()
        welcome.heartbeatInterval = .microseconds(999)
        #expect(code { () throws(WireError) in try sent(.welcome(welcome)) } == .badField)
    }

    @Test("The longest configuration comes through, one byte more does not")
    func configuration() throws {
        var welcome = Sample.welcome()
        welcome.configuration = String(repeating: "ü", count: 32_768)
        #expect(try sent(.welcome(welcome)) == .welcome(welcome))
        welcome.configuration? += "x"
        #expect(code { () throws(WireError) in try sent(.welcome(welcome)) } == .limitExceeded)
    }

    @Test("512 tickets with the largest numbers fit one LEASE, 513 do not")
    func manyTickets() throws {
        let key = TicketKey(pass: .max, promptIndex: .max, attempt: .max)
        let version = PolicyVersion(incarnation: .max, number: .max)
        let ticket = Ticket(
            key: key, ordinal: .max, version: version, prompt: [.max], columns: "{}")
        var tickets = (0..<512).map {
            LeasedTicket(lease: .max - $0, ticket: ticket, deadline: .milliseconds(UInt32.max))
        }
        let offer = LeaseOffer(sequence: .max, tickets: tickets)
        #expect(try sent(.lease(offer)) == .lease(offer))
        tickets.append(Sample.leased(1))
        #expect(
            code { () throws(WireError) in try sent(.lease(Sample.offer(tickets))) }
                == .limitExceeded)
    }

    @Test(
        "4,096 held leases with the largest numbers fit every message that lists them, 4,097 do not"
    )
    func manyLeases() throws {
        let most = Set((0..<4_096).map { UInt64.max - $0 })
        var hello = Sample.hello()
        hello.numerics = String(repeating: "n", count: 4_096)
        hello.heldLeases = most
        #expect(try sent(.hello(hello)) == .hello(hello))
        func worker(_ leases: Set<UInt64>) -> WorkerCommand {
            .heartbeat(
                .init(
                    sequence: .max, acknowledged: .max, heldLeases: leases, freeSlots: .max,
                    held: Sample.snapshot))
        }
        func learner(_ leases: Set<UInt64>) -> LearnerCommand {
            .heartbeat(
                .init(
                    sequence: .max, acknowledged: .max, heldLeases: leases, current: Sample.snapshot
                ))
        }
        #expect(try sent(worker(most)) == worker(most))
        #expect(try sent(learner(most)) == learner(most))
        let more = most.union([1])
        #expect(code { () throws(WireError) in try sent(worker(more)) } == .limitExceeded)
        #expect(code { () throws(WireError) in try sent(learner(more)) } == .limitExceeded)
        hello.heldLeases = more
        #expect(code { () throws(WireError) in try sent(.hello(hello)) } == .limitExceeded)
    }

    @Test("512 verdicts with the largest numbers fit one ACK, 513 do not")
    func manyVerdicts() throws {
        let verdict = Verdict(sequence: .max, lease: .max, outcome: .dropped(.notNeeded))
        let ack = Acknowledgement(
            acknowledged: .max, verdicts: Array(repeating: verdict, count: 512))
        #expect(try sent(.ack(ack)) == .ack(ack))
        let more = Acknowledgement(
            acknowledged: .max, verdicts: Array(repeating: verdict, count: 513))
        #expect(code { () throws(WireError) in try sent(.ack(more)) } == .limitExceeded)
    }

    @Test("The longest columns come through, one byte more does not")
    func longColumns() throws {
        let most = String(repeating: "x", count: 1 << 20)
        let offer = Sample.offer([
            Sample.leased(1), Sample.leased(2, columns: most), Sample.leased(3),
        ])
        #expect(try sent(.lease(offer)) == .lease(offer))
        let more = Sample.offer([Sample.leased(columns: most + "x")])
        #expect(code { () throws(WireError) in try sent(.lease(more)) } == .limitExceeded)
    }

    @Test("Every verdict, farewell, drop cause and code comes back")
    func enumerations() throws {
        for farewell in Farewell.allCases {
            let goodbye = Goodbye(farewell, reason: "r")
            #expect(try sent(WorkerCommand.goodbye(goodbye)) == .goodbye(goodbye))
            #expect(try sent(LearnerCommand.goodbye(goodbye)) == .goodbye(goodbye))
        }
        let outcomes =
            [.accepted(durable: true), .accepted(durable: false), .duplicate]
            + DropCause.allCases.map(Outcome.dropped)
        let verdicts = outcomes.map { Verdict(sequence: 1, lease: 2, outcome: $0) }
        let ack = LearnerCommand.ack(.init(acknowledged: 1, verdicts: verdicts))
        #expect(try sent(ack) == ack)
        for code in RejectCode.allCases {
            let command = LearnerCommand.reject(
                .init(code, reason: "r", refusedType: 0x0101, sequence: 2))
            #expect(try sent(command) == command)
        }
        for code in SnapshotRejectCode.allCases {
            let command = HolderCommand.reject(.init(code, reason: "r", version: Sample.version))
            #expect(try sent(command) == command)
        }
    }

    @Test("A worker restarts a session where it may and leaves where it must")
    func remedies() {
        #expect(RejectCode.helloRequired.remedy == .hello)
        #expect(RejectCode.stopping.remedy == .helloLater)
        #expect(RejectCode.malformed.remedy == .resendOnce)
        for code in [
            RejectCode.fenced, .wrongRun, .numerics, .notAuthorized, .unsupportedVersion, .other,
        ] {
            #expect(code.remedy == .exit)
        }
    }

    @Test("A frame that does not decode is rejected as what it is")
    func rejecting() throws {
        var frame = try WorkerMessage(incarnation: 1, .hello(Sample.hello())).encode()
        frame = sealed(header: Array(frame[16...]), payload: [], type: 0x0101, major: 2)
        let error = #expect(throws: WireError.self) { try WorkerMessage(frame: frame) }
        #expect(error.map(RejectCode.init) == .unsupportedVersion)
        #expect(error.map(SnapshotRejectCode.init) == .unsupportedVersion)
        #expect(error?.description.contains("2.1") == true)
        let other = #expect(throws: WireError.self) { try WorkerMessage(frame: []) }
        #expect(other.map(RejectCode.init) == .malformed)
        #expect(other.map(SnapshotRejectCode.init) == .malformed)
    }

    @Test("Only this major version is written, and any minor one")
    func versions() throws {
        let newer = ProtocolVersion(major: 1, minor: 200)
        let message = WorkerMessage(incarnation: 1, .hello(Sample.hello()), version: newer)
        #expect(try WorkerMessage(frame: message.encode()) == message)
        let foreign = WorkerMessage(
            incarnation: 1, .hello(Sample.hello()), version: .init(major: 2, minor: 0))
        #expect(code { () throws(WireError) in try foreign.encode() } == .unsupportedMajor)
    }

    @Test("The same message is the same bytes every time")
    func deterministic() throws {
        var hello = Sample.hello()
        hello.heldLeases = Set(1...1_000)
        let frame = try WorkerMessage(incarnation: 1, .hello(hello)).encode()
        var again = Sample.hello()
        for lease in (1...1_000).reversed() { again.heldLeases.insert(UInt64(lease)) }
        #expect(try WorkerMessage(incarnation: 1, .hello(again)).encode() == frame)
    }

    @Test("Identifiers have exactly their length and print as hexadecimal digits")
    func identifiers() {
        for count in [0, 15, 17, 31, 32, 33] {
            #expect((RunID([UInt8](repeating: 1, count: count)) != nil) == (count == 16))
            #expect((ContentDigest([UInt8](repeating: 1, count: count)) != nil) == (count == 32))
        }
        #expect("\(Sample.runID)" == "000102030405060708090a0b0c0d0e0f")
    }
}
