import GRPO
import Testing
import Training

@Suite struct GroupValidationTests {
    private let ticket = makeTicket(ordinal: 5, version: 3)

    private func defect(_ change: (inout Group) -> Void) -> String? {
        var group = answer(ticket)
        change(&group)
        return validation.defect(of: group, answering: ticket)
    }

    @Test("A well-formed group has no defect, scored or not")
    func wellFormed() {
        #expect(defect { _ in } == nil)
        #expect(
            validation.defect(of: answer(ticket, rewards: [nil, .nan]), answering: ticket) == nil)
        #expect(defect { $0.completions[0].behaviorLogprobs = [0, -30] } == nil)
        #expect(defect { $0.completions[0].finishReason = .length } == nil)
    }

    @Test("Limits are inclusive: the longest completion and the last token of the vocabulary")
    func limits() {
        #expect(defect { $0.completions[0] = makeCompletion(tokens: [9, 9, 9, 9]) } == nil)
        #expect(defect { $0.completions[0] = makeCompletion(tokens: [0]) } == nil)
    }

    @Test("Another version, incarnation or prompt is a defect that says so")
    func notTheTicket() {
        #expect(defect { $0.version.number = 2 }?.contains("v2.0") == true)
        #expect(defect { $0.version.incarnation = 1 }?.contains("v3.1") == true)
        #expect(defect { $0.prompt = [1] }?.contains("prompt") == true)
        #expect(defect { $0.prompt = [2, 1] }?.contains("prompt") == true)
    }

    @Test("Another group size is a defect")
    func groupSize() {
        #expect(defect { $0.completions = [] }?.contains("0 completions, not 2") == true)
        #expect(defect { $0.completions.removeLast() } != nil)
        #expect(defect { $0.completions.append(makeCompletion()) } != nil)
    }

    @Test("An empty or overlong completion is a defect")
    func length() {
        #expect(
            defect { $0.completions[1] = makeCompletion(tokens: []) } == "completion 1 has 0 tokens"
        )
        #expect(
            defect { $0.completions[1] = makeCompletion(tokens: [1, 1, 1, 1, 1]) }
                == "completion 1 has 5 tokens")
    }

    @Test("Every token needs its log-probability and kept mass")
    func counts() {
        #expect(defect { $0.completions[0].behaviorLogprobs.removeLast() } != nil)
        #expect(defect { $0.completions[0].behaviorLogprobs.append(-1) } != nil)
        #expect(defect { $0.completions[0].keptLogMasses.removeLast() } != nil)
        #expect(defect { $0.completions[0].keptLogMasses = [] } != nil)
    }

    @Test("Tokens outside the vocabulary are a defect", arguments: [-1, 10, .min, .max] as [Int32])
    func vocabulary(token: Int32) {
        #expect(
            defect { $0.completions[1].tokens[0] = token }
                == "completion 1 holds a token outside the vocabulary")
    }

    @Test(
        "Log-probabilities above 0 or not finite are a defect",
        arguments: [
            0.001, .nan, .infinity, -.infinity,
        ] as [Float])
    func logprobs(value: Float) {
        #expect(defect { $0.completions[0].behaviorLogprobs[1] = value } != nil)
    }

    @Test(
        "Kept masses that are not finite are a defect",
        arguments: [
            .nan, .infinity, -.infinity,
        ] as [Float])
    func keptMasses(value: Float) {
        #expect(defect { $0.completions[0].keptLogMasses[1] = value } != nil)
    }
}
