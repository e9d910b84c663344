import Transformer

/// What `cohort bench gemm` prints: oneDNN's own speed on the products that one run computes.
struct GemmReport: Codable, Sendable {
    var benchmark = "gemm"
    var model: String
    var dtype: String
    var threads: Int
    var batch: Int
    var runs: Int
    /// If nothing but products took time: tokens sampled, and tokens learned from.
    var tokensPerS: Double
    var flopsPerS: Double
    var ceilingFlopsPerS: Double
    var ceilingShare: Double
    var peakRssBytes: Int
    var parts: [Part]
    var machine: BenchMachine

    /// One of the engine's uses of products.
    struct Part: Codable, Sendable {
        var name: String
        var tokensPerS: Double
        var flopsPerS: Double
        var products: [EngineReport.ProductRate]
    }

    init(_ reports: [EngineReport]) {
        let first = reports[0]
        (model, dtype, threads) = (first.model, first.dtype, first.threads)
        (batch, runs) = (first.batch, first.runs)
        parts = reports.map { report in
            Part(
                name: report.benchmark,
                tokensPerS: report.tokensPerS * report.ceilingFlopsPerS / report.flopsPerS,
                flopsPerS: report.ceilingFlopsPerS, products: report.products)
        }
        tokensPerS = parts[0].tokensPerS
        flopsPerS = parts[0].flopsPerS
        ceilingFlopsPerS = flopsPerS
        ceilingShare = 1
        peakRssBytes = ProcessMemory.peakBytes
        machine = first.machine
    }

    /// For people.
    var text: String {
        machine.text + "oneDNN on the products of \(model) \(dtype), \(threads) threads\n"
            + parts.map(Self.text).joined()
    }

    private static func text(_ part: Part) -> String {
        "  \(part.name): \(DecimalText.fixed(part.flopsPerS / 1e9, digits: 1)) GFLOP/s; "
            + "\(DecimalText.compact(part.tokensPerS)) tok/s if nothing else took time\n"
            + part.products.map { product in
                let kind = product.transposed ? "transposed" : product.packed ? "packed" : "plain"
                return "    " + padded("\(product.m) × \(product.k) × \(product.n)", 24)
                    + padded(kind, 12) + padded("× \(product.count)", 12)
                    + DecimalText.fixed(product.ceilingFlopsPerS / 1e9, digits: 1) + " GFLOP/s\n"
            }.joined()
    }
}
