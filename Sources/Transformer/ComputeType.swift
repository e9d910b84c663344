internal import Ports

/// What the inputs of matrix products are rounded to. Sums, norms, softmax and log-probabilities are
/// f32 either way, and so are master weights and the optimiser.
package enum ComputeType: String, Hashable, Sendable, Codable, CaseIterable {
    case float32
    /// Weights and inputs of products are bfloat16, half the bytes and twice the speed where the CPU
    /// has instructions for it.
    case bfloat16
}

extension ComputeType {
    /// The type of tensors that hold what was computed with.
    var stored: TensorType { self == .bfloat16 ? .bfloat16 : .float32 }
}
