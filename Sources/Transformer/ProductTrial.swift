internal import CKernels

/// One shape on one thread, over and over.
struct ProductTrial {
    private let shape: ProductShape
    private let products: MatrixProducts
    private let source: FloatBuffer
    private let weights: [FloatBuffer]
    private let destination: FloatBuffer

    init(_ shape: ProductShape, copies: Int) {
        self.shape = shape
        products = MatrixProducts(shape.type)
        source = Self.numbers(
            shape.sourceStride.map { shape.k * $0 } ?? shape.m * shape.k)
        destination = FloatBuffer(zeros: MatrixProducts.paddedRows(shape.m) * shape.n)
        let plain = Self.numbers(shape.k * shape.n)
        guard shape.weightsPacked else {
            weights = (0..<(shape.sourceStride == nil ? copies : 1)).map { _ in
                let copy = FloatBuffer(count: plain.count)
                copy.copy(from: plain)
                return copy
            }
            return
        }
        let bytes = products.packedBytes(outputs: shape.n, inputs: shape.k)
        let products = products
        weights = (0..<copies).map { _ in
            let packed = FloatBuffer(zeros: bytes / 4 + 16)
            products.pack(
                plain.pointer, .byOutputs, outputs: shape.n, inputs: shape.k, into: packed.pointer)
            return packed
        }
    }

    private static func numbers(_ count: Int) -> FloatBuffer {
        let buffer = FloatBuffer(count: count)
        for index in 0..<count { buffer.pointer[index] = Float(index % 61) * 0x1p-6 - 0.5 }
        return buffer
    }

    /// Of one product, on average over at least `nanoseconds`.
    func seconds(_ nanoseconds: UInt64) -> Double {
        run(0)
        let start = ck_nanoseconds()
        var (count, elapsed) = (0, UInt64(0))
        while elapsed < nanoseconds {
            for index in weights.indices { run(index) }
            count += weights.count
            elapsed = ck_nanoseconds() - start
        }
        return Double(elapsed) / 1e9 / Double(count)
    }

    private func run(_ index: Int) {
        let values = weights[index].pointer
        if let stride = shape.sourceStride {
            products.multiplyTransposed(
                source.pointer, sourceStride: stride, values, rows: shape.k, m: shape.m, n: shape.n,
                into: destination.pointer)
        } else if shape.weightsPacked {
            let matrix = PackedMatrix(
                outputs: shape.n, inputs: shape.k, type: products.storage,
                values: UnsafeRawPointer(values))
            products.multiply(
                source.pointer, rows: shape.m, by: matrix, into: destination.pointer)
        } else {
            products.multiply(
                source.pointer, rows: shape.m, by: values, k: shape.k, n: shape.n,
                into: destination.pointer)
        }
    }
}
