private import Foundation
internal import GRPO
package import Ports

extension ModelConfiguration {
    /// Fresh weights as named tensors: matrices from a normal distribution of standard deviation
    /// `initializerRange`, norms 1, biases 0. A pure function of configuration and seed.
    package func freshWeights(seed: UInt64) -> [NamedTensor] {
        WeightLayout(self).entries.enumerated().map { index, entry in
            var values = [Float](repeating: 0, count: entry.count)
            if entry.name.hasSuffix("norm.weight") {
                values = [Float](repeating: 1, count: entry.count)
            } else if entry.decays {
                fillNormally(&values, seed: seed, stream: UInt64(index))
            }
            return NamedTensor(name: entry.name, shape: entry.shape, values: values)
        }
    }

    /// Box and Muller: two normal numbers from two uniform ones.
    private func fillNormally(_ values: inout [Float], seed: UInt64, stream: UInt64) {
        var random = CounterRandom(seed: seed, stream: stream)
        for index in stride(from: 0, to: values.count, by: 2) {
            // In (0, 1], so that the logarithm is finite.
            let first = (Double(random.next() >> 11) + 1) * 0x1p-53
            let angle = Double(random.next() >> 11) * 0x1p-53 * 2 * Double.pi
            let radius = initializerRange * (-2 * log(first)).squareRoot()
            values[index] = Float(radius * cos(angle))
            if index + 1 < values.count { values[index + 1] = Float(radius * sin(angle)) }
        }
    }
}
