internal import CKernels
internal import COneDNN

/// What bits are promised for: processes with the same fingerprint compute the same bits.
package enum NumericsFingerprint {
    /// CPU level of our kernels, instruction set and version of oneDNN, kernel revision, dtype.
    package static var current: String {
        var version = "?"
        if let found = dnnl_version()?.pointee {
            version = "\(found.major).\(found.minor).\(found.patch)"
        }
        let set = dnnl_get_effective_cpu_isa().rawValue
        return "cpu=\(String(cString: ck_cpu_level())) onednn=\(version)/\(set) "
            + "kernels=\(ck_revision) dtype=f32"
    }

    /// Whether products give a row the same bits whatever other rows are computed with it, found by
    /// trying on this machine, once. Then sampler and learner agree exactly.
    package static let isRowInvariant = rowInvariance()

    /// Computes rows in batches of several sizes and compares bits; milliseconds.
    package static func rowInvariance() -> Bool {
        let products = MatrixProducts()
        return [(128, 256), (384, 128), (96, 100), (24, 40)].allSatisfy { k, n in
            RowInvarianceProbe(k: k, n: n, products: products).holds()
        }
    }
}

/// One matrix, and rows of numbers to multiply it with.
private struct RowInvarianceProbe {
    static let rows = 256
    let k, n: Int
    let products: MatrixProducts
    let source: FloatBuffer
    let packed: FloatBuffer

    init(k: Int, n: Int, products: MatrixProducts) {
        self.k = k
        self.n = n
        self.products = products
        source = FloatBuffer(count: Self.rows * k)
        let weights = FloatBuffer(count: n * k)
        for index in 0..<source.count { source.pointer[index] = Self.value(index) }
        for index in 0..<weights.count { weights.pointer[index] = Self.value(index + 7) }
        packed = FloatBuffer(zeros: products.packedBytes(rows: n, columns: k) / 4 + 16)
        products.pack(weights.pointer, rows: n, columns: k, into: packed.pointer)
    }

    /// Of full precision, so that every change of order shows.
    private static func value(_ index: Int) -> Float {
        let hash = UInt32(truncatingIfNeeded: index) &* 2_654_435_761
        return Float(hash >> 8) * 0x1p-23 - 1
    }

    func holds() -> Bool {
        let reference = product(rows: Self.rows)
        return [1, 8, 9, 16, 31, 64, 100, 128, 200].allSatisfy { rows in
            let result = product(rows: rows)
            return (0..<(rows * n)).allSatisfy {
                result.pointer[$0].bitPattern == reference.pointer[$0].bitPattern
            }
        }
    }

    private func product(rows: Int) -> FloatBuffer {
        let result = FloatBuffer(count: MatrixProducts.paddedRows(rows) * n)
        let matrix = PackedMatrix(rows: n, columns: k, values: packed.pointer)
        products.multiply(source.pointer, rows: rows, by: matrix, into: result.pointer)
        return result
    }
}
