import Ports
import Testing
import Transformer

@Suite("Terms of the loss against PyTorch")
struct TermsTests {
    typealias Term = TermsFixture.Term

    let terms: TermsFixture

    init() throws { terms = try TermsFixture() }

    private func state(_ learner: TransformerLearner) async throws -> SimpleSafetensors.Image {
        try await Fixture.codec.read(learner.exportOptimizer())
    }

    private func names() throws -> [String] {
        try WeightLayout(terms.fixture.configuration).entries.map(\.name)
            + ["value_head.weight", "value_head.bias"]
    }

    @Test("Divergences from the reference and values are PyTorch's")
    func scores() async throws {
        let learner = try await terms.learner()
        let scores = try await terms.step(learner, on: .all).reports[0]
        #expect(relativeDistance(scores.divergences, terms.golden["divergences"]) < 1e-5)
        #expect(relativeDistance(scores.values, terms.golden["values"]) < 1e-5)
        let forward = try await learner.score(
            terms.batch.tokenGroups, with: .current, temperature: terms.batch.temperature)
        #expect(bits(forward.values) == bits(scores.values))
        #expect(forward.divergences.isEmpty)
    }

    @Test("The gradient of every parameter by each term is PyTorch's", arguments: Term.allCases)
    func gradients(term: Term) async throws {
        let learner = try await terms.learner(term)
        _ = try await terms.step(learner, on: term)
        let state = try await state(learner)
        for name in try names() {
            let expected = terms.golden["\(term.rawValue).\(name)"]
            let found = state["exp_avg.\(name)"]
            if expected.allSatisfy({ $0 == 0 }) {
                #expect(found.allSatisfy { $0 == 0 }, "\(name)")
            } else {
                #expect(relativeDistance(found, expected) < 2e-5, "\(name)")
            }
        }
    }

    @Test("A clipped step counts the value head's gradient and has its own learning rate for it")
    func step() async throws {
        let learner = try await terms.learner(optimizer: .init())
        let step = try await terms.step(
            learner, on: .all, learningRate: terms.batch.step.learningRate,
            maxGradNorm: terms.batch.step.maxGradNorm)
        let norm = Double(terms.golden["norm"][0])
        #expect(abs(step.gradNorm - norm) < 1e-4 * norm)
        let weights = try await Fixture.codec.read(learner.exportWeights())
        let state = try await state(learner)
        for name in try names() {
            let found = name.hasPrefix("value_head") ? state[name] : weights[name]
            #expect(relativeDistance(found, terms.golden["step.\(name)"]) < 1e-4, "\(name)")
        }
    }

    /// Added up as they stand, terms of this size would drown in the rounding of log-probabilities.
    @Test("Very small divergences and their gradients keep their digits")
    func near() async throws {
        let learner = try await terms.learner(reference: "near")
        let scores = try await terms.step(learner, on: .divergence).reports[0]
        let expected = terms.golden["divergences_near"]
        #expect(expected.allSatisfy { $0 < 1e-6 })
        #expect(scores.divergences.allSatisfy { $0 > 0 })
        #expect(relativeDistance(scores.divergences, expected) < 2e-3)
        let state = try await state(learner)
        for name in try names() where !name.hasPrefix("value_head") {
            let expected = terms.golden["divergence_near.\(name)"]
            #expect(relativeDistance(state["exp_avg.\(name)"], expected) < 5e-3, "\(name)")
        }
    }

    @Test("In bfloat16, scores and the norm of the gradient are near PyTorch's")
    func bfloat16() async throws {
        let step = try await terms.step(terms.learner(type: .bfloat16), on: .all)
        let golden = terms.golden
        #expect(relativeDistance(step.reports[0].divergences, golden["divergences"]) < 0.05)
        #expect(relativeDistance(step.reports[0].values, golden["values"]) < 0.05)
        #expect(abs(step.gradNorm - Double(golden["norm"][0])) < 0.03 * step.gradNorm)
    }
}
