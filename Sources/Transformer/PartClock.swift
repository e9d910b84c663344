internal import CKernels
internal import Ports

/// What an engine spends its time on.
package enum EnginePart: Int, Sendable, Codable, CaseIterable {
    /// oneDNN, with the rounding of its inputs.
    case products
    case attention
    /// Norms, rotations, activations, residual sums.
    case rows
    /// Softmax over the vocabulary: log-probabilities, their gradients, sampling.
    case vocabulary
    /// Summing the gradients of blocks.
    case summing
    case optimizer
    /// Packing weights for products.
    case packing

    package var name: String { "\(self)" }
}

/// Adds up the time of one thread by part.
final class PartClock {
    private var nanoseconds = [UInt64](repeating: 0, count: EnginePart.allCases.count)

    @inline(__always)
    func time<Result>(_ part: EnginePart, _ body: () throws -> Result) rethrows -> Result {
        let start = ck_nanoseconds()
        defer { nanoseconds[part.rawValue] &+= ck_nanoseconds() &- start }
        return try body()
    }

    /// Seconds by part since the last call.
    func take() -> [EnginePart: Double] {
        defer { for index in nanoseconds.indices { nanoseconds[index] = 0 } }
        return Dictionary(
            uniqueKeysWithValues: EnginePart.allCases.map {
                ($0, Double(nanoseconds[$0.rawValue]) / 1e9)
            })
    }
}

/// What each computing thread has of its own.
final class ThreadTools {
    let products: MatrixProducts
    let clock: PartClock
    /// Who helps the pass that has these tools; `nil`: the thread computes alone.
    let team: ComputeTeam?

    init(_ type: TensorType) {
        products = MatrixProducts(type)
        clock = PartClock()
        team = nil
    }

    /// The same tools, with a team.
    init(_ tools: ThreadTools, team: ComputeTeam) {
        products = tools.products
        clock = tools.clock
        self.team = team
    }

    /// For each of `threads`.
    static func make(_ type: TensorType, threads: ComputeThreads) -> [ThreadTools] {
        (0..<threads.count).map { _ in ThreadTools(type) }
    }
}
