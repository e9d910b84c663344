internal import COneDNN
package import Ports

/// One kind of matrix product: destination [m][n] = source [m][k] · weights [k][n].
package struct ProductShape: Hashable, Sendable {
    package var m, k, n: Int
    package var type = TensorType.float32
    /// The source is stored as [k][sourceStride]; `nil`: as [m][k].
    package var sourceStride: Int?
    /// The weights are in the library's own order; otherwise they are stored as [k][n].
    package var weightsPacked = false

    /// Multiplications and additions of one product.
    package var flops: Double { 2 * Double(m) * Double(k) * Double(n) }

    var native: cohort_matmul_shape {
        .init(
            m: Int64(m), k: Int64(k), n: Int64(n), brain: type == .bfloat16 ? 1 : 0,
            source_transposed: sourceStride == nil ? 0 : 1, source_stride: Int64(sourceStride ?? m),
            weights_packed: weightsPacked ? 1 : 0)
    }
}
