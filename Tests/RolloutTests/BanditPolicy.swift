import Foundation
import GRPO
import Ports
import Synchronization

/// The smallest policy that can learn: a softmax over five tokens for each of three kinds of prompt,
/// whatever the position. Token 0 ends a completion.
struct BanditWeights: Hashable, Sendable {
    static let kinds = 3
    static let vocabulary = 5
    /// (kinds, vocabulary)
    var logits = [Float](repeating: 0, count: kinds * vocabulary)

    init() {}

    init(image: [UInt8]) { logits = floats(image) }

    var image: [UInt8] { bytes(logits) }

    static func kind(of prompt: [Int32]) -> Int { Int(prompt[0]) % kinds }

    /// log-softmax of the prompt's logits: (vocabulary).
    func logprobs(_ prompt: [Int32]) -> [Float] {
        let start = Self.kind(of: prompt) * Self.vocabulary
        let row = logits[start..<start + Self.vocabulary]
        let sum = row.reduce(Float(0)) { $0 + exp($1) }
        return row.map { $0 - log(sum) }
    }
}

func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
}

func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
        Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) })
    }
}

/// Samples from the adopted weights; a pure function of weights, seed and ticket key.
final class BanditSampler: SamplingPolicy {
    private let adopted = Mutex<(version: PolicyVersion, weights: BanditWeights)?>(nil)
    /// Called before each batch of tickets is sampled; may kill the worker.
    private let before: @Sendable ([Ticket]) async throws -> Void

    init(before: @escaping @Sendable ([Ticket]) async throws -> Void = { _ in }) {
        self.before = before
    }

    func adopt(_ snapshot: Snapshot) async throws {
        adopted.withLock { $0 = (snapshot.version, BanditWeights(image: snapshot.image)) }
    }

    func sample(
        _ tickets: [Ticket], groupSize: Int, parameters: SamplingParameters, seed: UInt64
    ) async throws -> [Group] {
        try await before(tickets)
        return adopted.withLock { adopted in
            tickets.map { ticket in
                precondition(adopted!.version == ticket.version, "the ticket's version is adopted")
                let logprobs = adopted!.weights.logprobs(ticket.prompt)
                return Group(
                    key: ticket.key, ordinal: ticket.ordinal, version: ticket.version,
                    prompt: ticket.prompt,
                    completions: (0..<UInt32(groupSize)).map { sample in
                        Self.completion(
                            SampleKey(seed: seed, ticket: ticket.key, sample: sample), logprobs,
                            limit: parameters.maxCompletionLength)
                    })
            }
        }
    }

    private static func completion(
        _ key: SampleKey, _ logprobs: [Float], limit: Int
    ) -> Completion {
        var tokens: [Int32] = []
        while tokens.count < limit, tokens.last != 0 {
            var rest = key.uniform(position: UInt32(tokens.count))
            let token = logprobs.firstIndex { logprob in
                rest -= exp(logprob)
                return rest < 0
            }
            tokens.append(Int32(token ?? logprobs.count - 1))
        }
        return Completion(
            tokens: tokens, behaviorLogprobs: tokens.map { logprobs[Int($0)] },
            keptLogMasses: [Float](repeating: 0, count: tokens.count),
            finishReason: tokens.last == 0 ? .stop : .length)
    }
}

/// Gradient descent with momentum on the same policy; every group is a block.
final class BanditTrainer: TrainablePolicy {
    private struct State {
        var weights = BanditWeights()
        var momentum = [Float](
            repeating: 0, count: BanditWeights.kinds * BanditWeights.vocabulary)
        var reference = BanditWeights()
    }

    private let state = Mutex(State())
    private let movesReference: Bool

    init(movesReference: Bool = false) { self.movesReference = movesReference }

    func score(
        _ groups: [TokenGroup], with policy: ScoredPolicy, temperature: Float
    ) async throws -> TokenScores {
        let weights = state.withLock { policy == .reference ? $0.reference : $0.weights }
        return Self.scores(groups, weights)
    }

    func step<Report: Sendable>(
        on groups: [TokenGroup], temperature: Float, learningRate: Double, maxGradNorm: Double,
        needsDivergence: Bool,
        loss: @Sendable (_ block: Range<Int>, _ scores: TokenScores) throws -> BlockGradient<Report>
    ) async throws -> OptimizerStep<Report> {
        try state.withLock { state in
            var gradient = [Float](repeating: 0, count: state.momentum.count)
            var reports: [Report] = []
            for (index, group) in groups.enumerated() {
                let block = try loss(index..<index + 1, Self.scores([group], state.weights))
                Self.add(block.logprobs, of: group, state.weights, to: &gradient)
                reports.append(block.report)
            }
            for index in gradient.indices {
                state.momentum[index] = 0.5 * state.momentum[index] + gradient[index]
                state.weights.logits[index] -= Float(learningRate) * state.momentum[index]
            }
            let norm = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            return OptimizerStep(reports: reports, gradNorm: norm)
        }
    }

    private static func scores(_ groups: [TokenGroup], _ weights: BanditWeights) -> TokenScores {
        let logprobs = groups.flatMap { group in
            let row = weights.logprobs(group.prompt)
            return group.completions.joined().map { row[Int($0)] }
        }
        return TokenScores(
            logprobs: logprobs, entropies: [Float](repeating: 1, count: logprobs.count))
    }

    /// ∂ℓ(token)/∂logit_j = 1[j = token] − p_j
    private static func add(
        _ tokenGradients: [Float], of group: TokenGroup, _ weights: BanditWeights,
        to gradient: inout [Float]
    ) {
        let row = weights.logprobs(group.prompt)
        let start = BanditWeights.kind(of: group.prompt) * BanditWeights.vocabulary
        for (token, value) in zip(group.completions.joined(), tokenGradients) {
            for j in row.indices {
                gradient[start + j] += value * ((j == Int(token) ? 1 : 0) - exp(row[j]))
            }
        }
    }

    func mixReference(_ alpha: Double) async throws {
        guard movesReference else { throw FixedReference() }
        state.withLock { state in
            for index in state.weights.logits.indices {
                let (new, old) = (state.weights.logits[index], state.reference.logits[index])
                state.reference.logits[index] = Float(alpha) * new + Float(1 - alpha) * old
            }
        }
    }

    func exportReference() async throws -> [UInt8]? {
        movesReference ? state.withLock(\.reference.image) : nil
    }

    func exportWeights() async throws -> [UInt8] { state.withLock(\.weights.image) }
    func exportOptimizer() async throws -> [UInt8] { state.withLock { bytes($0.momentum) } }

    func restore(weights: [UInt8], optimizer: [UInt8]?) async throws {
        try await restore(weights: weights, optimizer: optimizer, reference: nil)
    }

    func restore(
        weights: [UInt8], optimizer: [UInt8]?, reference: [UInt8]?
    ) async throws {
        state.withLock { state in
            state.weights = BanditWeights(image: weights)
            if let optimizer { state.momentum = floats(optimizer) }
            if let reference { state.reference = BanditWeights(image: reference) }
        }
    }
}
