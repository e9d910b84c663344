import Foundation
import GRPO
import Ports
import Testing
import Transformer

@Suite("Sampling")
struct SamplingTests {
    let model: ModelConfiguration
    let image: [UInt8]
    let ticket: Ticket

    init() throws {
        model = try TestModel.uneven()
        image = try TestModel.image(model)
        ticket = TestModel.tickets(2, vocabulary: model.vocabularySize)[1]
    }

    private func sample(
        _ parameters: SamplingParameters, groupSize: Int = 1, seed: UInt64 = 1
    ) async throws -> Group {
        let sampler = try await TestModel.sampler(model, image, threads: 2)
        return try await sampler.sample(
            [ticket], groupSize: groupSize, parameters: parameters, seed: seed)[0]
    }

    /// ln p of every token after the ticket's prompt.
    private func distribution(temperature: Float) async throws -> [Float] {
        let all = TokenGroup(
            prompt: ticket.prompt, completions: (0..<model.vocabularySize).map { [Int32($0)] })
        return try await TestModel.learner(model, image).score(
            [all], with: .current, temperature: temperature
        ).logprobs
    }

    @Test("Greedy takes the most probable token and reports it at temperature 1")
    func greedy() async throws {
        let group = try await sample(
            .init(temperature: 0, maxCompletionLength: 20, stopTokens: []), groupSize: 2)
        let completion = group.completions[0]
        #expect(completion == group.completions[1])
        let logprobs = try await distribution(temperature: 1)
        let best = try #require(logprobs.max())
        #expect(Int(completion.tokens[0]) == logprobs.firstIndex(of: best))
        #expect(completion.behaviorLogprobs[0] == best)
    }

    @Test("Greedy takes the lowest id among equal logits")
    func ties() async throws {
        var tensors = TestModel.tensors(model)
        for index in tensors.indices where tensors[index].name.contains("embed_tokens") {
            let hidden = model.hiddenSize
            let row = Array(tensors[index].values[..<hidden])
            tensors[index].values = (0..<model.vocabularySize).flatMap { _ in row }
        }
        let image = try Fixture.codec.encode(tensors, metadata: [:])
        let sampler = try await TestModel.sampler(model, image, threads: 1)
        let group = try await sampler.sample(
            [ticket], groupSize: 1,
            parameters: .init(temperature: 0, maxCompletionLength: 5, stopTokens: []), seed: 1)[0]
        #expect(group.completions[0].tokens == [0, 0, 0, 0, 0])
    }

    @Test("The best of one token is greedy decoding")
    func topOne() async throws {
        let greedy = try await sample(
            .init(temperature: 0, maxCompletionLength: 12, stopTokens: []))
        let topOne = try await sample(
            .init(temperature: 1, topK: 1, maxCompletionLength: 12, stopTokens: []))
        #expect(topOne.completions[0].tokens == greedy.completions[0].tokens)
        // The kept mass is the token's own probability, summed in another way.
        let completion = topOne.completions[0]
        #expect(
            relativeDistance(completion.keptLogMasses, completion.behaviorLogprobs) < 1e-6)
    }

    @Test("Tokens are drawn as often as their probability says")
    func frequencies() async throws {
        let count = 8000
        let group = try await sample(
            .init(temperature: 1.3, maxCompletionLength: 1, stopTokens: []), groupSize: count)
        let logprobs = try await distribution(temperature: 1.3)
        var drawn = [Int](repeating: 0, count: model.vocabularySize)
        for completion in group.completions {
            let token = Int(completion.tokens[0])
            drawn[token] += 1
            #expect(completion.behaviorLogprobs[0].bitPattern == logprobs[token].bitPattern)
            #expect(completion.keptLogMasses == [0])
            #expect(completion.finishReason == .length)
        }
        for (token, logprob) in logprobs.enumerated() {
            let p = Double(exp(logprob))
            let spread = (Double(count) * p * (1 - p)).squareRoot()
            #expect(abs(Double(drawn[token]) - Double(count) * p) < 5 * spread + 2)
        }
    }

    @Test("Top-k and top-p keep the most probable tokens and record their mass")
    func cuts() async throws {
        let logprobs = try await distribution(temperature: 1)
        let order = logprobs.indices.sorted { logprobs[$0] > logprobs[$1] }
        let probabilities = order.map { Double(exp(logprobs[$0])) }
        func check(_ topK: Int, _ topP: Float, keeps expected: Int) async throws {
            let group = try await sample(
                .init(
                    temperature: 1, topK: topK, topP: topP, maxCompletionLength: 1, stopTokens: []),
                groupSize: 500)
            let kept = Set(order[..<expected].map { Int32($0) })
            let mass = log(probabilities[..<expected].reduce(0, +))
            for completion in group.completions {
                #expect(kept.contains(completion.tokens[0]))
                #expect(abs(Double(completion.keptLogMasses[0]) - mass) < 1e-5)
            }
            #expect(Set(group.completions.map { $0.tokens[0] }).count > 1)
        }
        func prefix(_ target: Double) -> Int {
            var sum = 0.0
            return 1
                + (probabilities.firstIndex {
                    sum += $0
                    return sum >= target
                } ?? 0)
        }
        try await check(5, 1, keeps: 5)
        try await check(0, 0.6, keeps: prefix(0.6))
        let ten = probabilities[..<10].reduce(0, +)
        try await check(10, 0.5, keeps: prefix(0.5 * ten))
    }

    @Test("A cut that cuts nothing records a mass of exactly one")
    func noCut() async throws {
        let group = try await sample(
            .init(
                temperature: 1, topK: model.vocabularySize, topP: 1, maxCompletionLength: 10,
                stopTokens: []))
        #expect(group.completions[0].keptLogMasses == [Float](repeating: 0, count: 10))
    }

    @Test("A stop token ends a completion and is part of it")
    func stop() async throws {
        let stops: Set<Int32> = [3, 10, 20, 30, 40, 50]
        let group = try await sample(
            .init(temperature: 2, maxCompletionLength: 30, stopTokens: Array(stops)),
            groupSize: 100)
        #expect(Set(group.completions.map(\.finishReason)).count == 2)
        for completion in group.completions {
            let inside = completion.tokens.dropLast().contains { stops.contains($0) }
            #expect(!inside)
            let stopped = completion.finishReason == .stop
            #expect(stops.contains(completion.tokens[completion.tokens.count - 1]) == stopped)
            #expect(stopped || completion.tokens.count == 30)
            #expect(completion.behaviorLogprobs.count == completion.tokens.count)
            #expect(completion.keptLogMasses.count == completion.tokens.count)
        }
    }

    @Test("Another seed, attempt or sample is another completion; the group carries the ticket")
    func keys() async throws {
        let parameters = SamplingParameters(maxCompletionLength: 20, stopTokens: [])
        let group = try await sample(parameters, groupSize: 2)
        let other = try await sample(parameters, groupSize: 2, seed: 2)
        #expect(group.completions[0].tokens != group.completions[1].tokens)
        #expect(group.completions[0].tokens != other.completions[0].tokens)
        #expect(group.key == ticket.key && group.ordinal == ticket.ordinal)
        #expect(group.version == TestModel.version && group.prompt == ticket.prompt)
    }

    @Test("What cannot be sampled is refused with the reason")
    func refusals() async throws {
        let parameters = SamplingParameters(maxCompletionLength: 10, stopTokens: [])
        let empty = TransformerSampler(configuration: model, codec: Fixture.codec, threads: 1)
        await #expect(throws: SamplingError.noWeights) {
            try await empty.sample([ticket], groupSize: 1, parameters: parameters, seed: 0)
        }
        let sampler = try await TestModel.sampler(model, image, threads: 1)
        func refuses(
            _ error: SamplingError, prompt: [Int32]? = nil, groupSize: Int = 1,
            _ change: (inout SamplingParameters) -> Void = { _ in }
        ) async {
            var (ticket, parameters) = (ticket, parameters)
            ticket.prompt = prompt ?? ticket.prompt
            change(&parameters)
            let (asked, settings) = (ticket, parameters)
            await #expect(throws: error) {
                try await sampler.sample(
                    [asked], groupSize: groupSize, parameters: settings, seed: 0)
            }
        }
        let key = ticket.key
        await refuses(.emptyPrompt(key), prompt: [])
        await refuses(.tokenOutOfRange(key, token: 101, vocabulary: 101), prompt: [4, 101])
        await refuses(.tokenOutOfRange(key, token: -1, vocabulary: 101), prompt: [-1])
        await refuses(
            .tooLong(key, prompt: 291, completion: 10, limit: 300),
            prompt: [Int32](repeating: 1, count: 291))
        await refuses(.badParameter("num_generations", "0"), groupSize: 0)
        await refuses(.badParameter("max_completion_length", "0")) { $0.maxCompletionLength = 0 }
        await refuses(.badParameter("temperature", "-1.0")) { $0.temperature = -1 }
        await refuses(.badParameter("temperature", "nan")) { $0.temperature = .nan }
        await refuses(.badParameter("top_k", "-1")) { $0.topK = -1 }
        await refuses(.badParameter("top_p", "0.0")) { $0.topP = 0 }
        let none = try await sampler.sample([], groupSize: 4, parameters: parameters, seed: 0)
        #expect(none.isEmpty)
    }

    @Test("A prompt and completion that just fit the positions are sampled")
    func longest() async throws {
        var full = ticket
        full.prompt = [Int32](repeating: 1, count: 290)
        let sampler = try await TestModel.sampler(model, image, threads: 1)
        let group = try await sampler.sample(
            [full], groupSize: 2, parameters: .init(maxCompletionLength: 10, stopTokens: []),
            seed: 0)
        #expect(group[0].completions.map(\.tokens.count) == [10, 10])
    }

    @Test("A snapshot that does not fit leaves the weights that were adopted before")
    func failedAdoption() async throws {
        let sampler = try await TestModel.sampler(model, image, threads: 1)
        let parameters = SamplingParameters(maxCompletionLength: 8, stopTokens: [])
        let before = try await sampler.sample(
            [ticket], groupSize: 1, parameters: parameters, seed: 0)
        let wrong = try Fixture.codec.encode(
            Array(TestModel.tensors(model).dropLast()), metadata: [:])
        await #expect(throws: WeightsError.missingTensor("model.norm.weight")) {
            try await sampler.adopt(
                Snapshot(version: PolicyVersion(incarnation: 1, number: 8), image: wrong))
        }
        let after = try await sampler.sample(
            [ticket], groupSize: 1, parameters: parameters, seed: 0)
        #expect(after == before)
    }
}
