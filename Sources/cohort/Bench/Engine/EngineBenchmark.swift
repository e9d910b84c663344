import Foundation
import GRPO
import Ports
import Transformer

/// Measures the sampler, the learner or scoring on one load, and oneDNN's ceiling for the same products
/// right after each run.
struct EngineBenchmark: Sendable {
    enum Kind: String, Sendable, Codable { case rollout, learner, score }

    let kind: Kind
    let load: EngineLoad
    let type: TensorType
    let threads: Int
    let runs: Int
    var gradientCheckpointing = false
    /// > 0: the learner scores with a reference policy too.
    var beta = 0.0

    /// What one run took and computed.
    struct Run {
        var seconds: Double
        var work: EngineWork
    }

    func report(_ say: (String) -> Void) async throws -> EngineReport {
        let subject = try await makeSubject()
        _ = try await subject()
        // The ceiling's own matrices do not count.
        let peak = ProcessMemory.peakBytes
        let ceiling = ProductCeiling(threads: threads)
        var rounds: [Run] = []
        var ceilings: [Double] = []
        var shapes: [ProductCeiling.Measurement] = []
        for index in 1...runs {
            let run = try await subject()
            shapes = ceiling.measure(
                run.work.products, copies: load.model.layerCount,
                single: load.model.vocabularySize)
            rounds.append(run)
            ceilings.append(shapes.flopsPerSecond(threads: threads))
            let speed = DecimalText.compact(Double(tokens) / run.seconds)
            say("run \(index) of \(runs): \(speed) tok/s")
        }
        return EngineReport(
            self, seconds: rounds.map(\.seconds), work: rounds.map(\.work), ceilings: ceilings,
            shapes: shapes, peakBytes: peak)
    }

    /// Logical tokens of one run: what was sampled, or prompts and completions that were learned from.
    var tokens: Int {
        load.batch * (kind == .rollout ? load.completion : load.prompt + load.completion)
    }

    /// Performed in one run.
    var flops: Double {
        switch kind {
        case .rollout, .score: load.forwardFlops
        case .learner: (beta > 0 ? 4 : 3) * load.forwardFlops
        }
    }

    private func makeSubject() async throws -> () async throws -> Run {
        switch kind {
        case .rollout: try await rollout()
        case .learner: try learner()
        case .score: try scoring()
        }
    }

    private func rollout() async throws -> () async throws -> Run {
        let sampler = TransformerSampler(
            configuration: load.model, codec: NoCodec(), threads: threads, type: type)
        try await sampler.adopt(load.weights, version: EngineLoad.version)
        let (load, tickets) = (load, load.tickets())
        let parameters = SamplingParameters(
            temperature: 1, maxCompletionLength: load.completion, stopTokens: [])
        return {
            _ = await sampler.takeWork()
            let seconds = try await Self.timed {
                _ = try await sampler.sample(
                    tickets, groupSize: load.groupSize, parameters: parameters, seed: 1)
            }
            return Run(seconds: seconds, work: await sampler.takeWork())
        }
    }

    private func makeLearner() throws -> TransformerLearner {
        try TransformerLearner(
            configuration: load.model, weights: load.weights,
            reference: kind == .learner && beta > 0 ? load.weights : nil, codec: NoCodec(),
            threads: threads,
            options: .init(type: type, gradientCheckpointing: gradientCheckpointing))
    }

    /// One optimiser step of GRPO's policy gradient.
    private func learner() throws -> () async throws -> Run {
        let learner = try makeLearner()
        let (groups, scoresReference) = (load.tokenGroups(), beta > 0)
        return {
            _ = await learner.takeWork()
            let seconds = try await Self.timed {
                if scoresReference {
                    _ = try await learner.score(groups, with: .reference, temperature: 1)
                }
                _ = try await learner.step(
                    on: groups, temperature: 1, learningRate: 1e-6, maxGradNorm: 1
                ) { _, scores in
                    let count = scores.logprobs.count
                    let gradient = (0..<count).map { Float($0 % 3 - 1) / Float(count) }
                    return BlockGradient(logprobs: gradient, report: count)
                }
            }
            return Run(seconds: seconds, work: await learner.takeWork())
        }
    }

    private func scoring() throws -> () async throws -> Run {
        let learner = try makeLearner()
        let groups = load.tokenGroups()
        return {
            _ = await learner.takeWork()
            let seconds = try await Self.timed {
                _ = try await learner.score(groups, with: .current, temperature: 1)
            }
            return Run(seconds: seconds, work: await learner.takeWork())
        }
    }

    private static func timed(_ body: () async throws -> Void) async rethrows -> Double {
        let start = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - start) / .seconds(1)
    }
}

/// Nothing is stored in a benchmark of engines.
private struct NoCodec: TensorCodec {
    struct NotStored: Error {}

    func decode(_ image: [UInt8]) throws -> any TensorImage { throw NotStored() }

    func encode(
        _ tensors: [NamedTensor], type: TensorType, metadata: [String: String]
    ) throws -> [UInt8] { throw NotStored() }
}
