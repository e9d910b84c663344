import ArgumentParser
import Ports

/// `--dtype`: what products compute in.
enum DType: String, CaseIterable, ExpressibleByArgument {
    case f32, bf16

    /// Transformers' names are understood too.
    init?(argument: String) {
        switch argument {
        case "f32", "float32": self = .f32
        case "bf16", "bfloat16": self = .bf16
        default: return nil
        }
    }

    var type: TensorType { self == .f32 ? .float32 : .bfloat16 }
}
