import Foundation
import Ports
import Transformer

/// What `cohort bench rollout`, `learner` and `score` print. Speeds are medians over the runs; the share
/// is the median of each run's share of the ceiling that was measured right after it.
struct EngineReport: Codable, Sendable {
    var benchmark: String
    var model: String
    var dtype: String
    var threads: Int
    /// Sequences, and tokens of each.
    var batch: Int
    var groupSize: Int
    var prompt: Int
    var completion: Int
    var runs: Int
    var tokensPerS: Double
    /// Of each run.
    var tokensPerSRuns: [Double]
    var flopsPerS: Double
    var ceilingFlopsPerS: Double
    var ceilingShare: Double
    /// Of this process after the warm-up, before oneDNN alone is measured.
    var peakRssBytes: Int
    /// Share of all threads' time by part; what is missing to 1 is everything else, and waiting.
    var time: [String: Double]
    var products: [ProductRate]
    var machine: BenchMachine

    /// One kind of product, in the order of the operations that they take.
    struct ProductRate: Codable, Sendable {
        var m, k, n: Int
        var transposed: Bool
        var packed: Bool
        var count: Int
        var ceilingFlopsPerS: Double
    }

    init(
        _ benchmark: EngineBenchmark, seconds: [Double], work: [EngineWork], ceilings: [Double],
        shapes: [ProductCeiling.Measurement], peakBytes: Int
    ) {
        let load = benchmark.load
        self.benchmark = benchmark.kind.rawValue
        model = load.name
        dtype = benchmark.type.rawValue
        threads = benchmark.threads
        (batch, groupSize) = (load.batch, load.groupSize)
        (prompt, completion) = (load.prompt, load.completion)
        runs = seconds.count
        tokensPerSRuns = seconds.map { Double(benchmark.tokens) / $0 }
        tokensPerS = Rounds(tokensPerSRuns).median
        let flops = Rounds(seconds.map { benchmark.flops / $0 })
        flopsPerS = flops.median
        ceilingFlopsPerS = Rounds(ceilings).median
        ceilingShare = flops.ratios(to: Rounds(ceilings)).median
        peakRssBytes = peakBytes
        let total = Double(benchmark.threads) * seconds.reduce(0, +)
        time = Dictionary(
            uniqueKeysWithValues: EnginePart.allCases.map { part in
                (part.name, work.reduce(0) { $0 + ($1.seconds[part] ?? 0) } / total)
            })
        products = shapes.map {
            ProductRate(
                m: $0.shape.m, k: $0.shape.k, n: $0.shape.n,
                transposed: $0.shape.sourceStride != nil, packed: $0.shape.weightsPacked,
                count: $0.count,
                ceilingFlopsPerS: $0.flopsPerSecond(threads: benchmark.threads))
        }
        machine = .current
    }

    /// For people.
    var text: String {
        let parts = EnginePart.allCases.filter { (time[$0.name] ?? 0) >= 0.005 }
            .sorted { time[$0.name]! > time[$1.name]! }
            .map { "\($0.name) \(percent(time[$0.name]!))" }
        return machine.text
            + "\(benchmark) \(model) \(dtype), \(threads) threads, \(batch) sequences of "
            + "\(prompt) + \(completion) tokens in groups of \(groupSize), median of \(runs) runs\n"
            + "  " + padded("tokens/s", 20) + DecimalText.compact(tokensPerS) + "\n"
            + "  " + padded("GFLOP/s", 20) + DecimalText.fixed(flopsPerS / 1e9, digits: 1) + "\n"
            + "  " + padded("oneDNN alone", 20)
            + DecimalText.fixed(ceilingFlopsPerS / 1e9, digits: 1) + " GFLOP/s on the same products\n"
            + "  " + padded("share of it", 20) + percent(ceilingShare) + "\n"
            + "  " + padded("peak memory", 20)
            + DecimalText.fixed(Double(peakRssBytes) / 1_073_741_824, digits: 2) + " GiB\n"
            + "  " + padded("time", 20) + parts.joined(separator: ", ") + "\n"
    }
}

/// What this process takes.
enum ProcessMemory {
    /// Now; `nil` where the system does not say.
    static var currentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// At most so far.
    static var peakBytes: Int {
        var usage = rusage()
        #if os(Linux)
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            return usage.ru_maxrss * 1024
        #else
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}
