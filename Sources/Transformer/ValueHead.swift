internal import Ports

/// What a learned value baseline takes.
package struct ValueHeadOptions: Hashable, Sendable {
    /// Whether the value loss's gradient goes on into the policy; otherwise it trains the head alone.
    package var trainsBackbone: Bool
    /// Of the head's learning rate: a new linear layer needs larger steps than a trained policy bears.
    package var learningRateMultiplier: Double

    package init(trainsBackbone: Bool = false, learningRateMultiplier: Double = 1) {
        self.trainsBackbone = trainsBackbone
        self.learningRateMultiplier = learningRateMultiplier
    }
}

/// V(s) = w·h + b, where h is the policy's hidden state after the final norm in the row that predicts
/// the token: it has not seen it. In f32 whatever the compute type.
///
/// w = 0 and b = 0 at first: V is 0 everywhere, so that the first baseline is none rather than a random
/// one, and no gradient reaches the policy before w has learned. Nothing has to break a symmetry, for
/// ∂L/∂w = Σ ∂L/∂V·h is not 0. w decays like every matrix.
final class ValueHead {
    let options: ValueHeadOptions
    private let weights: Weights
    private var optimizer: AdamW

    init(_ options: ValueHeadOptions, hidden: Int, optimizer: AdamWConfiguration) {
        let layout = WeightLayout(valueHeadOver: hidden)
        self.options = options
        weights = Weights(layout: layout)
        self.optimizer = AdamW(optimizer, layout: layout)
    }

    private var layout: WeightLayout { weights.layout }

    /// Floats of its gradient, which lies behind that of the policy in one buffer.
    var count: Int { layout.count }
    /// Offsets in that gradient.
    var weightOffset: Int { layout.head.offset }
    var biasOffset: Int { 0 }
    /// [hidden]
    var weight: UnsafePointer<Float> { UnsafePointer(weights.buffer.pointer) + weightOffset }
    var bias: Float { weights.buffer.pointer[biasOffset] }

    /// One step of AdamW at `learningRate` times the multiplier.
    func apply(
        _ gradient: UnsafePointer<Float>, scale: Float, learningRate: Double,
        threads: ComputeThreads
    ) {
        optimizer.apply(
            gradient, scale: scale, learningRate: learningRate * options.learningRateMultiplier,
            to: weights, threads: threads)
    }

    /// `value_head.weight` and `value_head.bias`, with their moments.
    func tensors() -> [NamedTensor] { weights.tensors() + optimizer.tensors() }

    /// What `restore` takes over.
    struct State {
        fileprivate let weights: Weights
        fileprivate let optimizer: AdamW
    }

    /// From an optimiser image; `nil`: as it was at first. Throws `WeightsError`.
    func state(from image: (any TensorImage)?) throws -> State {
        let weights = Weights(layout: layout)
        let configuration = optimizer.configuration
        guard let image else {
            return State(weights: weights, optimizer: AdamW(configuration, layout: layout))
        }
        for entry in layout.entries where image.shape(of: entry.name) == nil {
            throw WeightsError.noValueHead
        }
        try weights.load(image, prefix: "")
        return State(
            weights: weights,
            optimizer: try AdamW(configuration, layout: layout, image: image))
    }

    func restore(_ state: State) {
        weights.buffer.copy(from: state.weights.buffer)
        optimizer = state.optimizer
    }
}
