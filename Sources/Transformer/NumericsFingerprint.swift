internal import CKernels
internal import COneDNN
package import Ports

/// What bits are promised for: processes with the same fingerprint compute the same bits.
package enum NumericsFingerprint {
    /// CPU level of our kernels, instruction set and version of oneDNN, kernel revision. The type is the
    /// run's: every process of a run is told it.
    package static var current: String {
        var version = "?"
        if let found = dnnl_version()?.pointee {
            version = "\(found.major).\(found.minor).\(found.patch)"
        }
        let set = dnnl_get_effective_cpu_isa().rawValue
        return "cpu=\(String(cString: ck_cpu_level())) onednn=\(version)/\(set) "
            + "kernels=\(ck_revision)"
    }

    /// Whether products give a row the same bits whatever other rows are computed with it, found by
    /// trying on this machine, once. Then sampler and learner agree exactly.
    package static func isRowInvariant(_ type: TensorType) -> Bool {
        invariance(of: type).holds
    }

    /// The same in detail.
    package static func invariance(of type: TensorType) -> ProductInvariance {
        switch type {
        case .float32: float32
        case .bfloat16: bfloat16
        }
    }

    private static let float32 = ProductInvariance.measured(.float32)
    private static let bfloat16 = ProductInvariance.measured(.bfloat16)
}
