/// How fast oneDNN alone computes a list of products on this machine: the ceiling of an engine that
/// spends all its time in them.
package final class ProductCeiling {
    package struct Measurement: Sendable {
        package var shape: ProductShape
        package var count: Int
        /// Of one product, while all threads compute the same shape.
        package var seconds: Double

        /// Of all threads together.
        package func flopsPerSecond(threads: Int) -> Double {
            shape.flops * Double(threads) / seconds
        }
    }

    private let threads: ComputeThreads
    /// Each shape is measured for at least this long.
    private static let nanosecondsMin: UInt64 = 20_000_000

    package init(threads: Int) { self.threads = ComputeThreads(count: threads) }

    /// `copies`: weights that each shape goes through in turn, as the layers of a model do; shapes with
    /// a side of `single`, the output matrix's, have one. Rates are weighted by the time that each shape takes.
    package func measure(
        _ counts: [ProductShape: Int], copies: Int, single: Int
    ) -> [Measurement] {
        counts.sorted { $0.value * Int($0.key.flops) > $1.value * Int($1.key.flops) }.map {
            let weights = [$0.key.m, $0.key.k, $0.key.n].contains(single) ? 1 : copies
            return Measurement(
                shape: $0.key, count: $0.value, seconds: seconds($0.key, copies: weights))
        }
    }

    private func seconds(_ shape: ProductShape, copies: Int) -> Double {
        let times = threads.collect(threads.count) { thread, deliver in
            deliver(thread, ProductTrial(shape, copies: copies).seconds(Self.nanosecondsMin))
        }
        return times.reduce(0, +) / Double(times.count)
    }
}

extension [ProductCeiling.Measurement] {
    /// Of all threads together, over the whole list.
    package func flopsPerSecond(threads: Int) -> Double {
        let flops = reduce(0) { $0 + $1.shape.flops * Double($1.count) }
        let seconds = reduce(0) { $0 + $1.seconds * Double($1.count) }
        return seconds > 0 ? flops * Double(threads) / seconds : 0
    }
}
