internal import CKernels
internal import Ports

/// Weights ready to compute with: each matrix in packed order, vectors and the embedding plain. All
/// rounded to the compute type, so that sampler and learner compute with the same numbers.
final class Model {
    struct Layer {
        var projection: PackedMatrix
        var output: PackedMatrix
        var gateUp: PackedMatrix
        var down: PackedMatrix
    }

    let configuration: ModelConfiguration
    let layout: WeightLayout
    let rotary: RotaryTable
    let type: TensorType
    private(set) var layers: [Layer] = []
    private(set) var head: PackedMatrix
    /// Norms and biases, at the layout's offsets.
    let vectors: UnsafePointer<Float>
    let embedding: EmbeddingTable
    private let packed: PackedWeights
    /// For gradients of inputs, in the order of `packed`; empty unless asked for.
    private let backward: PackedWeights?
    /// What vectors and embedding point into.
    private let plain: [FloatBuffer]
    /// f32 only: the master weights, which are the plain matrices too.
    private let master: Weights?

    /// Allocates; `load` fills in. `master`: the model is trained, and in f32 shares its memory with
    /// the weights that the optimiser changes.
    init(
        _ configuration: ModelConfiguration, type: TensorType, rotary: RotaryTable,
        master: Weights? = nil, products: MatrixProducts
    ) {
        let layout = master?.layout ?? WeightLayout(configuration)
        self.configuration = configuration
        self.layout = layout
        self.rotary = rotary
        self.type = type
        let matrices = layout.layers.flatMap(\.matrices) + [layout.head]
        packed = PackedWeights(matrices, .forward, products: products)
        backward =
            master != nil && type == .bfloat16
            ? PackedWeights(matrices, .backward, products: products) : nil
        if let master, type == .float32 {
            self.master = master
            vectors = UnsafePointer(master.buffer.pointer)
            embedding = .floats(vectors + layout.embedding.offset)
            plain = []
        } else {
            self.master = nil
            let vectors = FloatBuffer(zeros: layout.vectorCount)
            let table = FloatBuffer(
                count: type == .float32 ? layout.embedding.count : (layout.embedding.count + 1) / 2)
            self.vectors = UnsafePointer(vectors.pointer)
            embedding = EmbeddingTable(table, type)
            plain = [vectors, table]
        }
        head = packed.matrices[packed.matrices.count - 1]
        layers = (0..<configuration.layerCount).map { index in
            let own = Array(packed.matrices[(4 * index)..<(4 * index + 4)])
            return Layer(projection: own[0], output: own[1], gateUp: own[2], down: own[3])
        }
    }

    /// Takes weights over, on all threads. Throws what the source throws; the model is then not to be
    /// used.
    func load(
        _ source: some WeightSource, threads: ComputeThreads, products: [MatrixProducts]
    ) throws {
        if master == nil { try loadVectors(source) }
        let counter = SharedCounter(limit: packed.matrices.count + 1)
        let results = threads.collect(packed.matrices.count + 1) { thread, deliver in
            let scratch = GrowingBuffer()
            while let index = counter.next() {
                deliver(index, Result { try self.load(index, source, products[thread], scratch) })
            }
        }
        for result in results { try result.get() }
    }

    /// Of everything but master weights.
    var bytes: Int {
        packed.bytes + (backward?.bytes ?? 0) + plain.reduce(0) { $0 + $1.bytes }
    }

    /// Of the packed output matrix.
    var headBytes: Int { packed.bytes(of: headIndex) + (backward?.bytes(of: headIndex) ?? 0) }

    /// One packed matrix, or last the embedding.
    private func load(
        _ index: Int, _ source: some WeightSource, _ products: MatrixProducts,
        _ scratch: GrowingBuffer
    ) throws {
        guard index < packed.matrices.count else {
            guard master == nil else { return }
            return try source.withMatrix(layout.embedding, scratch: scratch) {
                embedding.load($0, count: layout.embedding.count)
            }
        }
        try source.withMatrix(packed.places[index], scratch: scratch) { values in
            packed.pack(index, values, products)
            backward?.pack(index, values, products)
        }
    }

    private func loadVectors(_ source: some WeightSource) throws {
        let vectors = UnsafeMutablePointer(mutating: vectors)
        try source.copyVectors(into: vectors)
        guard type == .bfloat16 else { return }
        ck_keep_bf16(vectors, layout.vectorCount)
    }
}

extension Model {
    /// dinputs [rows][inputs] = douts [rows][outputs] · weights; `matrix` counts layer by layer, four
    /// each, then the output matrix.
    func multiplyBackward(
        _ douts: UnsafePointer<Float>, rows: Int, matrix: Int, products: MatrixProducts,
        into dinputs: UnsafeMutablePointer<Float>
    ) {
        let place = packed.places[matrix]
        if let backward {
            products.multiply(douts, rows: rows, by: backward.matrices[matrix], into: dinputs)
        } else if let master {
            products.multiply(
                douts, rows: rows, by: master.buffer.pointer + place.offset, k: place.outputs,
                n: place.inputs, into: dinputs)
        } else {
            preconditionFailure("a model without master weights has no backward pass")
        }
    }

    /// Where a matrix of `multiplyBackward` lies.
    func place(of matrix: Int) -> WeightLayout.Matrix { packed.places[matrix] }

    /// Index of the output matrix for `multiplyBackward`.
    var headIndex: Int { packed.places.count - 1 }
}

/// All matrices of a model, packed for one direction, in one allocation.
final class PackedWeights {
    enum Direction { case forward, backward }

    let places: [WeightLayout.Matrix]
    private(set) var matrices: [PackedMatrix] = []
    /// Bytes of each.
    private let sizes: [Int]
    private let direction: Direction
    private let memory: FloatBuffer

    init(
        _ places: [WeightLayout.Matrix], _ direction: Direction, products: MatrixProducts
    ) {
        self.places = places
        self.direction = direction
        let shapes = places.map {
            direction == .forward ? ($0.outputs, $0.inputs) : ($0.inputs, $0.outputs)
        }
        let sizes = shapes.map {
            (products.packedBytes(outputs: $0.0, inputs: $0.1) + 63) / 64 * 16
        }
        self.sizes = sizes.map { 4 * $0 }
        memory = FloatBuffer(zeros: sizes.reduce(0, +))
        var start = memory.pointer
        for ((outputs, inputs), size) in zip(shapes, sizes) {
            matrices.append(
                PackedMatrix(
                    outputs: outputs, inputs: inputs, type: products.storage,
                    values: UnsafeRawPointer(start)))
            start += size
        }
    }

    var bytes: Int { memory.bytes }
    func bytes(of index: Int) -> Int { sizes[index] }

    /// `values`: the matrix as models store it.
    func pack(_ index: Int, _ values: UnsafePointer<Float>, _ products: MatrixProducts) {
        let matrix = matrices[index]
        products.pack(
            values, direction == .forward ? .byOutputs : .byInputs, outputs: matrix.outputs,
            inputs: matrix.inputs, into: UnsafeMutableRawPointer(mutating: matrix.values))
    }
}

/// Rows of the embedding, in the compute type.
enum EmbeddingTable {
    case floats(UnsafePointer<Float>)
    case halves(UnsafePointer<UInt16>)

    init(_ memory: FloatBuffer, _ type: TensorType) {
        switch type {
        case .float32: self = .floats(UnsafePointer(memory.pointer))
        case .bfloat16:
            let halves = UnsafeRawPointer(memory.pointer)
                .bindMemory(to: UInt16.self, capacity: 2 * memory.count)
            self = .halves(halves)
        }
    }

    func load(_ values: UnsafePointer<Float>, count: Int) {
        switch self {
        case .floats(let table):
            UnsafeMutablePointer(mutating: table).update(from: values, count: count)
        case .halves(let table):
            ck_round_to_bf16(values, count, UnsafeMutablePointer(mutating: table))
        }
    }

    /// Copies a token's row of `width` numbers.
    func copy(_ token: Int32, _ width: Int, into row: UnsafeMutablePointer<Float>) {
        switch self {
        case .floats(let table): row.update(from: table + Int(token) * width, count: width)
        case .halves(let table): ck_widen_bf16(table + Int(token) * width, width, row)
        }
    }
}
