internal import COneDNN

/// Products of row-major f32 matrices on the calling thread, through oneDNN's `matmul`, with
/// primitives cached by shape. One per thread.
///
/// The number of rows is rounded up, so that a run needs few primitives: sources and destinations
/// must reach `paddedRows(rows)` rows, and the rows behind the real ones must be finite (zero where
/// a product reduces over rows). On AVX-512 a row's bits do not depend on the number of rows.
final class MatrixProducts {
    private struct Shape: Hashable {
        var m, k, n: Int
        var sourceTransposed = false
        var weightsPacked = false

        var native: cohort_matmul_shape {
            .init(
                m: Int64(m), k: Int64(k), n: Int64(n), source_transposed: sourceTransposed ? 1 : 0,
                weights_packed: weightsPacked ? 1 : 0)
        }
    }

    /// Far above what a run needs; a run whose shapes never repeat must not grow without end.
    private static let cacheLimit = 1024

    private let engine: dnnl_engine_t
    private let stream: dnnl_stream_t
    private var primitives: [Shape: cohort_matmul] = [:]
    private let scratch = GrowingBuffer()

    init() {
        cohort_stay_on_this_thread()
        var engine: dnnl_engine_t?
        var stream: dnnl_stream_t?
        Self.check(dnnl_engine_create(&engine, dnnl_cpu, 0))
        Self.check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
        guard let engine, let stream else { preconditionFailure("oneDNN made no CPU engine") }
        self.engine = engine
        self.stream = stream
    }

    deinit {
        discardPrimitives()
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(engine)
    }

    /// Rows that a matrix of `rows` rows must have room for.
    static func paddedRows(_ rows: Int) -> Int {
        let step = rows <= 128 ? 8 : 32
        return (rows + step - 1) / step * step
    }

    /// destination [rows][n] = source [rows][k] · weightsᵀ, for weights [n][k] in packed order.
    func multiply(
        _ source: UnsafePointer<Float>, rows: Int, by weights: PackedMatrix,
        into destination: UnsafeMutablePointer<Float>
    ) {
        let shape = Shape(
            m: Self.paddedRows(rows), k: weights.columns, n: weights.rows, weightsPacked: true)
        run(shape, source, weights.values, destination)
    }

    /// destination [rows][n] = source [rows][k] · weights [k][n].
    func multiply(
        _ source: UnsafePointer<Float>, rows: Int, by weights: UnsafePointer<Float>, k: Int, n: Int,
        into destination: UnsafeMutablePointer<Float>
    ) {
        run(Shape(m: Self.paddedRows(rows), k: k, n: n), source, weights, destination)
    }

    /// destination [m][n] = sourceᵀ · other, for source [rows][m] and other [rows][n].
    func multiplyTransposed(
        _ source: UnsafePointer<Float>, _ other: UnsafePointer<Float>, rows: Int, m: Int, n: Int,
        into destination: UnsafeMutablePointer<Float>
    ) {
        let shape = Shape(m: m, k: Self.paddedRows(rows), n: n, sourceTransposed: true)
        run(shape, source, other, destination)
    }

    /// Bytes that `pack` writes for weights [rows][columns].
    func packedBytes(rows: Int, columns: Int) -> Int {
        let bytes = cohort_packed_bytes(engine, Shape(m: 64, k: columns, n: rows).native)
        precondition(bytes > 0, "oneDNN cannot multiply by a \(rows) × \(columns) matrix")
        return bytes
    }

    /// Copies weights [rows][columns] into packed order.
    func pack(
        _ weights: UnsafePointer<Float>, rows: Int, columns: Int,
        into packed: UnsafeMutablePointer<Float>
    ) {
        let shape = Shape(m: 64, k: columns, n: rows)
        Self.check(cohort_pack_weights(engine, stream, shape.native, weights, packed))
    }

    private func run(
        _ shape: Shape, _ source: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        guard shape.m > 0, shape.k > 0 else { return }
        var primitive = primitive(shape)
        let memory = scratch.reserve(primitive.scratchpad_bytes / 4 + 16)
        Self.check(
            cohort_matmul_execute(&primitive, stream, source, weights, destination, memory))
    }

    private func primitive(_ shape: Shape) -> cohort_matmul {
        if let known = primitives[shape] { return known }
        if primitives.count >= Self.cacheLimit { discardPrimitives() }
        var primitive = cohort_matmul()
        Self.check(cohort_matmul_create(engine, shape.native, &primitive))
        primitives[shape] = primitive
        return primitive
    }

    private func discardPrimitives() {
        for var primitive in primitives.values { cohort_matmul_destroy(&primitive) }
        primitives = [:]
    }

    private static func check(_ status: dnnl_status_t) {
        precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue)")
    }
}

/// Weights [rows][columns] in the order that oneDNN multiplies by fastest; memory owned elsewhere.
struct PackedMatrix {
    var rows: Int
    var columns: Int
    var values: UnsafePointer<Float>
}
