import GRPO
import Testing
import Wire

@Suite("Groups on the wire") struct GroupTests {
    @Test("A group comes back as it was, for every combination of optional parts")
    func roundTrip() throws {
        for scored in [false, true] {
            for cut in [false, true] {
                var completions = [1, 5, 2].map {
                    Sample.completion(tokens: $0, reward: scored ? Double($0) / 3 : nil)
                }
                if cut { completions[1].keptLogMasses[3] = -0.25 }
                completions[2].finishReason = .length
                let group = Sample.group(completions)
                #expect(try sent(group) == group)
            }
        }
    }

    @Test("Every bit of the floating-point values survives, negative zero included")
    func bits() throws {
        var completion = Sample.completion(tokens: 4, reward: -0.0)
        completion.behaviorLogprobs = [
            -0.0, -.leastNonzeroMagnitude, -.greatestFiniteMagnitude, -0.1,
        ]
        completion.keptLogMasses = [-0.0, 0, 0, 0]
        let result = try sent(Sample.group([completion])).completions[0]
        #expect(
            result.behaviorLogprobs.map(\.bitPattern)
                == completion.behaviorLogprobs.map(\.bitPattern))
        #expect(
            result.keptLogMasses.map(\.bitPattern) == completion.keptLogMasses.map(\.bitPattern))
        #expect(result.reward?.bitPattern == (-0.0).bitPattern)
    }

    @Test(
        "Rewards that are not finite pass, bit for bit: the learner drops them with a cause",
        arguments: [
            Double.nan, .infinity, -.infinity, Double(bitPattern: 0x7FF0_0000_0000_0001),
        ])
    func nonFiniteRewards(reward: Double) throws {
        let group = Sample.group([Sample.completion(reward: reward), Sample.completion(reward: 1)])
        let result = try sent(group)
        #expect(result.completions[0].reward?.bitPattern == reward.bitPattern)
        #expect(result.completions[1].reward == 1)
    }

    @Test("Kept masses travel only where something was cut")
    func keptMasses() throws {
        var group = Sample.group([Sample.completion(tokens: 100)])
        let without = try WorkerMessage(
            incarnation: 1, .group(.init(sequence: 1, lease: 1, group: group))
        ).encode()
        group.completions[0].keptLogMasses[99] = -1
        let with = try WorkerMessage(
            incarnation: 1, .group(.init(sequence: 1, lease: 1, group: group))
        ).encode()
        #expect(with.count - without.count > 400)
    }

    @Test(
        "Log-probabilities that cannot be are refused with the completion's index",
        arguments: [
            Float.nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1,
        ])
    func impossibleLogs(value: Float) {
        var group = Sample.group()
        group.completions[1].behaviorLogprobs[2] = value
        let error = #expect(throws: WireError.self) { try sent(group) }
        #expect(error?.code == .badValue)
        #expect(error?.description.contains("token 2 of completion 1") == true)

        group = Sample.group()
        group.completions[0].keptLogMasses[1] = value
        let other = #expect(throws: WireError.self) { try sent(group) }
        #expect(other?.code == .badValue)
        #expect(other?.description.contains("token 1 of completion 0") == true)
    }

    /// One change to a good group, and the error that it must give.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: WireError.Code
        var change: @Sendable (inout Group) -> Void
    }

    static let faults: [Fault] = [
        .init(testDescription: "no completions", code: .badTensor) { $0.completions = [] },
        .init(testDescription: "no prompt", code: .badValue) { $0.prompt = [] },
        .init(testDescription: "a negative prompt token", code: .badValue) { $0.prompt[0] = -1 },
        .init(testDescription: "a negative token", code: .badValue) {
            $0.completions[0].tokens[0] = .min
        },
        .init(testDescription: "an empty completion", code: .badValue) {
            $0.completions[0] = Sample.completion(tokens: 0)
        },
        .init(testDescription: "a token too many", code: .badTensor) {
            $0.completions[0].tokens.append(1)
        },
        .init(testDescription: "a log-probability too few", code: .badTensor) {
            $0.completions[0].behaviorLogprobs.removeLast()
        },
        .init(testDescription: "a kept mass too many", code: .badTensor) {
            $0.completions[0].keptLogMasses.append(0)
        },
        .init(testDescription: "half of the rewards", code: .badTensor) {
            $0.completions[0].reward = 1
        },
        .init(testDescription: "4,097 completions", code: .limitExceeded) {
            $0.completions = Array(repeating: Sample.completion(tokens: 1), count: 4_097)
        },
        .init(testDescription: "a completion of 2^20 + 1 tokens", code: .limitExceeded) {
            $0.completions[1] = Sample.completion(tokens: 1 << 20 + 1)
        },
        .init(testDescription: "a prompt of 2^20 + 1 tokens", code: .limitExceeded) {
            $0.prompt = Array(repeating: 1, count: 1 << 20 + 1)
        },
        .init(testDescription: "more than 64 MiB in all", code: .limitExceeded) {
            $0.completions = Array(repeating: Sample.completion(tokens: 1 << 20), count: 9)
        },
    ]

    @Test("What may not be sent is not encoded", arguments: faults)
    func refused(fault: Fault) {
        var group = Sample.group()
        fault.change(&group)
        #expect(code { () throws(WireError) in try sent(group) } == fault.code)
    }

    @Test("The largest group comes through: 4,096 completions")
    func manyCompletions() throws {
        let group = Sample.group(
            (0..<4_096).map { Sample.completion(tokens: 1 + $0 % 3, reward: 0.5) })
        #expect(try sent(group) == group)
    }

    @Test("The longest completion comes through: 2^20 tokens")
    func longCompletion() throws {
        let group = Sample.group([Sample.completion(tokens: 1 << 20)])
        #expect(try sent(group) == group)
    }

    @Test("wireBytes bounds every frame from above, and not by much")
    func bound() throws {
        for (size, prompt, length) in [(1, 1, 1), (8, 20, 64), (16, 100, 512), (4_096, 1, 3)] {
            var completion = Sample.completion(tokens: length, reward: 1)
            completion.keptLogMasses[0] = -1
            completion.rewards = [1, nil, 2]
            var group = Sample.group(Array(repeating: completion, count: size))
            group.prompt = Array(repeating: .max, count: prompt)
            group.key = TicketKey(pass: .max, promptIndex: .max, attempt: .max)
            group.ordinal = .max
            group.version = PolicyVersion(incarnation: .max, number: .max)
            let delivery = GroupDelivery(sequence: .max, lease: .max, group: group)
            let frame = try WorkerMessage(incarnation: .max, .group(delivery)).encode()
            let bound = try #require(
                Group.wireBytes(
                    groupSize: size, promptLength: prompt, completionLength: length, rewardFunctions: 3))
            #expect(frame.count <= bound)
            #expect(bound - frame.count < 1_024 + WireLimits.stringBytes)
        }
        #expect(Group.wireBytes(groupSize: .max, promptLength: 1, completionLength: 2) == nil)
        #expect(Group.wireBytes(groupSize: 1, promptLength: .max, completionLength: 1) == nil)
        #expect(Group.wireBytes(groupSize: 1, promptLength: 1, completionLength: .max / 13) != nil)
    }

    @Test("Rewards by function come back as they were: none is not 0 and not NaN")
    func functionRewards() throws {
        var completions = [Sample.completion(reward: 1), Sample.completion(reward: .nan)]
        completions[0].rewards = [-0.0, nil, .infinity]
        completions[1].rewards = [nil, nil, nil]
        let result = try sent(Sample.group(completions))
        let bits = result.completions.map { $0.rewards.map { $0?.bitPattern } }
        #expect(bits == completions.map { $0.rewards.map { $0?.bitPattern } })
        completions[1].rewards = [.nan, 2, 3]
        let nan = try sent(Sample.group(completions)).completions[1].rewards
        #expect(nan[0]?.isNaN == true && nan[1...] == [2, 3])
    }

    @Test("A scoring failure stands in place of rewards")
    func scoringFailure() throws {
        var group = Sample.group()
        group.scoringFailure = "it fell"
        #expect(try sent(group) == group)
        group.completions = group.completions.map {
            var completion = $0
            completion.reward = 1
            return completion
        }
        #expect(code { () throws(WireError) in try sent(group) } == .badField)
    }

    @Test("What cannot be is refused before it is sent", arguments: [1, 2, 3, 4, 5])
    func badFunctionRewards(_ defect: Int) {
        var group = Sample.group([Sample.completion(reward: 1), Sample.completion(reward: 1)])
        for index in group.completions.indices { group.completions[index].rewards = [1] }
        switch defect {
        case 1: group.completions[1].rewards = []
        case 2: group.completions[0].rewards = [1, 2]
        case 3: for index in 0...1 { group.completions[index].rewards = .init(repeating: 0, count: 65) }
        case 4: for index in 0...1 { group.completions[index].reward = nil }
        default:
            group = Sample.group()
            group.scoringFailure = String(repeating: "x", count: 4_097)
        }
        let expected: WireError.Code = defect == 3 || defect == 5 ? .limitExceeded : .badTensor
        #expect(code { () throws(WireError) in try sent(group) } == expected)
    }
}
