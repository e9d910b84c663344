internal import CKernels
internal import COneDNN
internal import Ports

/// Products of row-major f32 matrices on the calling thread, through oneDNN's `matmul`, with
/// primitives cached by shape. One per thread.
///
/// With `TensorType.bfloat16` sources are rounded on the way in; destinations are f32. Where the library
/// has no products of bfloat16 (AVX2 with oneDNN 2.6), the rounded numbers are multiplied as f32.
///
/// The number of rows is rounded up, so that a run needs few primitives: sources and destinations
/// must reach `paddedRows(rows)` rows, and the rows behind the real ones must be finite (zero where
/// a product reduces over rows). On AVX-512 a row's bits do not depend on the number of rows.
final class MatrixProducts {
    private struct Entry {
        var primitive: cohort_matmul
        var uses = 0
    }

    /// Far above what a run needs; a run whose shapes never repeat must not grow without end.
    private static let cacheLimit = 1024

    let type: TensorType
    /// What the library multiplies.
    let storage: TensorType
    private let engine: dnnl_engine_t
    private let stream: dnnl_stream_t
    private var entries: [Entry] = []
    private var places: [ProductShape: Int] = [:]
    private let scratch = GrowingBuffer()
    private let roundedSource = GrowingBuffer()
    private let roundedWeights = GrowingBuffer()

    init(_ type: TensorType = .float32) {
        cohort_stay_on_this_thread()
        var engine: dnnl_engine_t?
        var stream: dnnl_stream_t?
        Self.check(dnnl_engine_create(&engine, dnnl_cpu, 0))
        Self.check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue))
        guard let engine, let stream else { preconditionFailure("oneDNN made no CPU engine") }
        self.type = type
        let shape = ProductShape(m: 64, k: 64, n: 64, type: type, weightsPacked: true)
        storage = cohort_packed_bytes(engine, shape.native) > 0 ? type : .float32
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

    /// destination [rows][n] = source [rows][k] · weights, packed.
    func multiply(
        _ source: UnsafePointer<Float>, rows: Int, by weights: PackedMatrix,
        into destination: UnsafeMutablePointer<Float>
    ) {
        let shape = ProductShape(
            m: Self.paddedRows(rows), k: weights.inputs, n: weights.outputs, type: weights.type,
            weightsPacked: true)
        run(shape, input(source, shape.m * shape.k, roundedSource), weights.values, destination)
    }

    /// destination [rows][n] = source [rows][k] · weights [k][n], in f32.
    func multiply(
        _ source: UnsafePointer<Float>, rows: Int, by weights: UnsafePointer<Float>, k: Int, n: Int,
        into destination: UnsafeMutablePointer<Float>
    ) {
        run(ProductShape(m: Self.paddedRows(rows), k: k, n: n), source, weights, destination)
    }

    /// destination [m][n] = sourceᵀ · other, for the first m columns of source [rows][sourceStride]
    /// and other [rows][n].
    func multiplyTransposed(
        _ source: UnsafePointer<Float>, sourceStride: Int, _ other: UnsafePointer<Float>, rows: Int,
        m: Int, n: Int, into destination: UnsafeMutablePointer<Float>
    ) {
        let k = Self.paddedRows(rows)
        let shape = ProductShape(m: m, k: k, n: n, type: storage, sourceStride: sourceStride)
        // The last row ends with column m.
        let sourceCount = (k - 1) * sourceStride + m
        run(
            shape, input(source, sourceCount, roundedSource), input(other, k * n, roundedWeights),
            destination)
    }

    private func input(
        _ values: UnsafePointer<Float>, _ count: Int, _ rounded: GrowingBuffer
    ) -> UnsafeRawPointer {
        guard type == .bfloat16 else { return UnsafeRawPointer(values) }
        guard storage == .bfloat16 else {
            let copy = rounded.reserve(count)
            copy.update(from: values, count: count)
            ck_keep_bf16(copy, count)
            return UnsafeRawPointer(copy)
        }
        let halves = rounded.reserveHalves(count)
        ck_round_to_bf16(values, count, halves)
        return UnsafeRawPointer(halves)
    }

    private func run(
        _ shape: ProductShape, _ source: UnsafeRawPointer, _ weights: UnsafeRawPointer,
        _ destination: UnsafeMutablePointer<Float>
    ) {
        guard shape.m > 0, shape.k > 0 else { return }
        let place = place(of: shape)
        entries[place].uses += 1
        let memory = scratch.reserve(entries[place].primitive.scratchpad_bytes / 4 + 16)
        Self.check(
            cohort_matmul_execute(
                &entries[place].primitive, stream, source, weights, destination, memory))
    }

    private func place(of shape: ProductShape) -> Int {
        if let known = places[shape] { return known }
        if entries.count >= Self.cacheLimit { discardPrimitives() }
        var primitive = cohort_matmul()
        Self.check(cohort_matmul_create(engine, shape.native, &primitive))
        entries.append(Entry(primitive: primitive))
        places[shape] = entries.count - 1
        return entries.count - 1
    }

    private func discardPrimitives() {
        for index in entries.indices { cohort_matmul_destroy(&entries[index].primitive) }
        entries = []
        places = [:]
    }

    private static func check(_ status: dnnl_status_t) {
        precondition(status == dnnl_success, "oneDNN failed with status \(status.rawValue)")
    }
}

extension MatrixProducts {
    /// How often each shape was computed since the last call.
    func takeCounts() -> [ProductShape: Int] {
        var counts: [ProductShape: Int] = [:]
        for (shape, place) in places where entries[place].uses > 0 {
            counts[shape] = entries[place].uses
            entries[place].uses = 0
        }
        return counts
    }
}

extension MatrixProducts {
    /// How weights lie before they are packed.
    enum Order {
        /// [outputs][inputs]: as models store them.
        case byOutputs
        /// [inputs][outputs]
        case byInputs
    }

    private func packingShape(outputs: Int, inputs: Int) -> ProductShape {
        ProductShape(m: 64, k: inputs, n: outputs, type: storage, weightsPacked: true)
    }

    /// Bytes that `pack` writes.
    func packedBytes(outputs: Int, inputs: Int) -> Int {
        let shape = packingShape(outputs: outputs, inputs: inputs)
        let bytes = cohort_packed_bytes(engine, shape.native)
        precondition(bytes > 0, "oneDNN cannot multiply by a \(outputs) × \(inputs) matrix")
        return bytes
    }

    /// Copies weights into packed order, rounded to `type`.
    func pack(
        _ weights: UnsafePointer<Float>, _ order: Order, outputs: Int, inputs: Int,
        into packed: UnsafeMutableRawPointer
    ) {
        let shape = packingShape(outputs: outputs, inputs: inputs)
        let source = input(weights, outputs * inputs, roundedWeights)
        Self.check(
            cohort_pack_weights(
                engine, stream, shape.native, order == .byInputs ? 1 : 0, source, packed))
    }
}

/// Weights in the order that oneDNN multiplies by fastest; memory owned elsewhere.
struct PackedMatrix {
    var outputs: Int
    var inputs: Int
    var type: TensorType
    var values: UnsafeRawPointer
}
