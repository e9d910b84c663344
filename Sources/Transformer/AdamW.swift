internal import CKernels
internal import Ports

/// Constants of AdamW (Loshchilov and Hutter 2019); defaults are PyTorch's, except that weights do
/// not decay unless asked to.
package struct AdamWConfiguration: Hashable, Sendable {
    package var beta1: Double
    package var beta2: Double
    package var epsilon: Double
    /// Decoupled; applied to matrices (embeddings included), not to norms and biases.
    package var weightDecay: Double

    package init(
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// Moments and step counter.
final class AdamW {
    private static let piece = 1 << 16
    private static let firstPrefix = "exp_avg."
    private static let secondPrefix = "exp_avg_sq."

    let configuration: AdamWConfiguration
    private var step = 0
    private let first: Weights
    private let second: Weights

    init(_ configuration: AdamWConfiguration, layout: WeightLayout) {
        self.configuration = configuration
        first = Weights(layout: layout)
        second = Weights(layout: layout)
    }

    /// One step on `weights`, gradients multiplied by `scale` first.
    func apply(
        _ gradient: UnsafePointer<Float>, scale: Float, learningRate: Double, to weights: Weights,
        threads: ComputeThreads
    ) {
        step += 1
        let pieces = weights.layout.entries.flatMap { entry in
            stride(from: 0, to: entry.count, by: Self.piece).map { start in
                (entry.offset + start, min(Self.piece, entry.count - start), entry.decays)
            }
        }
        threads.perform { thread in
            for index in stride(from: thread, to: pieces.count, by: threads.count) {
                let (offset, count, decays) = pieces[index]
                ck_adamw_step(
                    options(scale, learningRate, decays: decays), gradient + offset, count,
                    weights.buffer.pointer + offset, first.buffer.pointer + offset,
                    second.buffer.pointer + offset)
            }
        }
    }

    private func options(_ scale: Float, _ learningRate: Double, decays: Bool) -> ck_adamw {
        let c = configuration
        return ck_adamw(
            learning_rate: Float(learningRate), beta1: Float(c.beta1), beta2: Float(c.beta2),
            epsilon: Float(c.epsilon), weight_decay: decays ? Float(c.weightDecay) : 0,
            correction1: Float(1 - power(c.beta1, step)),
            root_correction2: Float((1 - power(c.beta2, step)).squareRoot()), gradient_scale: scale)
    }

    /// By squaring: the same bits with every C library.
    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest % 2 == 1 { result *= factor }
            factor *= factor
            rest /= 2
        }
        return result
    }

    /// Both moments of every parameter.
    func tensors() -> [NamedTensor] {
        first.tensors(prefix: Self.firstPrefix) + second.tensors(prefix: Self.secondPrefix)
    }

    var metadata: [String: String] { ["step": String(step)] }

    /// The state that `tensors` and `metadata` told. Throws `WeightsError`.
    convenience init(
        _ configuration: AdamWConfiguration, layout: WeightLayout, image: any TensorImage
    ) throws {
        self.init(configuration, layout: layout)
        let text = image.metadata["step"]
        guard let text, let step = Int(text), step >= 0 else { throw WeightsError.badStep(text) }
        try first.load(image, prefix: Self.firstPrefix)
        try second.load(image, prefix: Self.secondPrefix)
        self.step = step
    }
}
