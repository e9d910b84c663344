import GRPO
import Testing
import Wire

@Suite("Versions of the protocol") struct VersionTests {
    @Test("What a newer minor adds to any message is ignored", arguments: Vector.valid)
    func newerMinor(vector: Vector) throws {
        let bytes = try vector.bytes
        let end = 16 + Int(bytes[8]) + Int(bytes[9]) << 8 + Int(bytes[10]) << 16
        // Fields 100 (a string) and 101 (a number), which no message has.
        let unknown: [UInt8] = [0xA2, 0x06, 3, 1, 2, 3, 0xA8, 0x06, 42]
        guard end - 16 + unknown.count <= WireLimits.headerBytes else { return }
        let frame = sealed(
            header: Array(bytes[16..<end]) + unknown, payload: Array(bytes[end...]),
            type: UInt16(bytes[6]) | UInt16(bytes[7]) << 8, minor: 7)
        let message = try AnyMessage(frame, from: vector.from)
        var expected = try #require(vector.decoded)
        expected["canonical"] = nil
        expected["minor"] = .whole(7)
        #expect(message.shown == expected)
    }

    @Test("Another major version is refused, and the sentence names both", arguments: Vector.recorded)
    func otherMajor(vector: Vector) throws {
        let bytes = try vector.bytes
        let end = 16 + Int(bytes[8]) + Int(bytes[9]) << 8
        for major in [0, 2, 255] as [UInt8] {
            let frame = sealed(
                header: Array(bytes[16..<end]), payload: Array(bytes[end...]),
                type: UInt16(bytes[6]) | UInt16(bytes[7]) << 8, major: major, minor: 0)
            let error = #expect(throws: WireError.self) { try AnyMessage(frame, from: vector.from) }
            #expect(error?.code == .unsupportedMajor)
            #expect(
                error?.description
                    == "the peer speaks protocol version \(major).0, this side 1.1; run the same release on both"
            )
        }
    }

    @Test("A recorded session of 1.0 is of 1.0, and has all commands but a learner's GOODBYE")
    func recorded() throws {
        let messages = try Vector.recorded.map { try AnyMessage($0.bytes, from: $0.from) }
        let types = Set(messages.map(\.type))
        #expect(Set(MessageType.allCases).subtracting(types) == [.learnerGoodbye])
        #expect(Vector.recorded.allSatisfy { $0.decoded?["minor"] == .whole(0) })
    }

    @Test("A group for 1.0 has neither rewards by function nor a scoring failure")
    func groups() throws {
        var completion = Sample.completion(reward: 1)
        completion.rewards = [1, nil]
        let scored = Sample.group([completion, completion])
        completion.rewards = []
        #expect(try toldIn1_0(scored) == Sample.group([completion, completion]))
        var failed = Sample.group()
        failed.scoringFailure = "the program ended"
        #expect(try toldIn1_0(failed) == Sample.group())
    }

    private func toldIn1_0(_ group: Group) throws -> Group {
        let delivery = GroupDelivery(sequence: 1, lease: 1, group: group)
        let message = WorkerMessage(incarnation: 1, .group(delivery), version: .oldest)
        guard case .group(let told) = try WorkerMessage(frame: message.encode()).command else {
            fatalError("a GROUP became something else")
        }
        return told.group
    }

    @Test("1.0 is told causes and codes that it knows", arguments: DropCause.allCases)
    func causes(cause: DropCause) throws {
        let verdict = Verdict(sequence: 1, lease: 1, outcome: .dropped(cause))
        let ack = Acknowledgement(acknowledged: 1, verdicts: [verdict])
        let message = LearnerMessage(incarnation: 1, .ack(ack), version: .oldest)
        guard case .ack(let told) = try LearnerMessage(frame: message.encode()).command,
            case .dropped(let other) = told.verdicts[0].outcome
        else { fatalError("an ACK became something else") }
        #expect(other.rawValue <= DropCause.notNeeded.rawValue)
        #expect(other == cause || cause == .rewardFailed || cause == .constantRewards)
    }

    @Test("1.0 is told OTHER instead of BARRED, for which it exits as well")
    func barred() throws {
        let rejection = Rejection(.barred, reason: "r")
        let message = LearnerMessage(incarnation: 1, .reject(rejection), version: .oldest)
        guard case .reject(let told) = try LearnerMessage(frame: message.encode()).command else {
            fatalError("a REJECT became something else")
        }
        #expect(told.code == .other && told.code.remedy == RejectCode.barred.remedy)
    }

    @Test("HELLO and WELCOME announce no limits to 1.0")
    func limits() throws {
        var hello = Sample.hello()
        hello.limits = SessionLimits()
        let first = WorkerMessage(incarnation: 1, .hello(hello), version: .oldest)
        hello.limits = nil
        #expect(try WorkerMessage(frame: first.encode()).command == .hello(hello))
        var welcome = Sample.welcome()
        welcome.limits = SessionLimits()
        let second = LearnerMessage(incarnation: 1, .welcome(welcome), version: .oldest)
        welcome.limits = nil
        #expect(try LearnerMessage(frame: second.encode()).command == .welcome(welcome))
    }

    @Test("Two sides speak the older one of their minor versions")
    func common() {
        let newer = ProtocolVersion(major: 1, minor: 7)
        #expect(newer.common(with: .current) == .current)
        #expect(ProtocolVersion.current.common(with: .oldest) == .oldest)
    }
}
