import ArgumentParser
import Foundation
import Transformer

/// What all benchmarks of engines take.
struct EngineBenchOptions: ParsableArguments {
    @Option(help: "Hugging Face directory.")
    var model: String?

    @Option(help: "Without --model: tiny, small or qwen2-0.5b, with random weights.")
    var shape = EngineShape.small

    @Option(help: "Sequences; whole groups.")
    var batch = 64

    @Option(help: "Completions that share a prompt.")
    var groupSize = 8

    @Option(help: "Tokens of each prompt.")
    var prompt = 32

    @Option(help: "Tokens of each completion.")
    var completion = 128

    @Option(help: "f32 or bf16.")
    var dtype = DType.f32

    @Option(help: "Computing threads. Default: one per core.")
    var threads: Int?

    @Option(help: "Times that everything is measured.")
    var runs = 5

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard 1...4096 ~= groupSize, 1...1_048_576 ~= batch, batch % groupSize == 0 else {
            throw ValidationError("--batch must be a multiple of --group-size, both at least 1")
        }
        guard 1...1_000_000 ~= prompt, 1...1_000_000 ~= completion else {
            throw ValidationError("--prompt and --completion must be 1 to 1000000 tokens")
        }
        guard 1...1024 ~= threads ?? 1 else { throw ValidationError("--threads must be 1 to 1024") }
        guard 1...1000 ~= runs else { throw ValidationError("--runs must be 1 to 1000") }
    }

    var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

    func load() throws -> EngineLoad {
        let directory = try model.map { try ModelDirectory($0) }
        let configuration = try directory?.configuration ?? shape.configuration()
        guard prompt + completion <= configuration.maxPositions else {
            throw CommandFailure(
                "--prompt \(prompt) with --completion \(completion) is longer than the model's "
                    + "max_position_embeddings, \(configuration.maxPositions)", .usage)
        }
        return EngineLoad(
            name: model ?? shape.rawValue, model: configuration,
            weights: directory?.weights ?? RandomWeights(configuration), batch: batch,
            groupSize: groupSize, prompt: prompt, completion: completion)
    }

    func benchmark(_ kind: EngineBenchmark.Kind) throws -> EngineBenchmark {
        EngineBenchmark(
            kind: kind, load: try load(), type: dtype.type, threads: threadCount, runs: runs)
    }

    func show(_ report: EngineReport) throws {
        StandardStream.output.write(json ? try report.benchJSON() : report.text)
    }
}

extension EngineShape: ExpressibleByArgument {}

private func sayOnStandardError(_ text: String) { StandardStream.error.write(text + "\n") }

/// `cohort bench rollout`
struct BenchRolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Tokens per second that one process samples, against oneDNN on the same products."
    )

    @OptionGroup var options: EngineBenchOptions

    func run() async throws {
        try options.show(try await options.benchmark(.rollout).report(sayOnStandardError))
    }
}

/// `cohort bench learner`
struct BenchLearnerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learner",
        abstract: "Tokens per second that one optimiser step takes in, against oneDNN.")

    @OptionGroup var options: EngineBenchOptions

    @Option(help: "Above 0, a reference policy scores the batch too.")
    var beta = 0.0

    @Flag(help: "Compute activations again instead of keeping them.")
    var gradientCheckpointing = false

    func run() async throws {
        var benchmark = try options.benchmark(.learner)
        benchmark.beta = beta
        benchmark.gradientCheckpointing = gradientCheckpointing
        try options.show(try await benchmark.report(sayOnStandardError))
    }
}

/// `cohort bench score`
struct BenchScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Tokens per second whose log-probabilities are computed, against oneDNN.")

    @OptionGroup var options: EngineBenchOptions

    func run() async throws {
        try options.show(try await options.benchmark(.score).report(sayOnStandardError))
    }
}

/// `cohort bench gemm`
struct BenchGemmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gemm",
        abstract: "oneDNN's own speed on the matrix products of sampling and learning.")

    @OptionGroup var options: EngineBenchOptions

    func run() async throws {
        var reports: [EngineReport] = []
        for kind in [EngineBenchmark.Kind.rollout, .learner] {
            reports.append(try await options.benchmark(kind).report { _ in })
        }
        let report = GemmReport(reports)
        StandardStream.output.write(options.json ? try report.benchJSON() : report.text)
    }
}
