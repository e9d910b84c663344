/// What a forward pass computes for the rows of a batch. All matrices have room for padded rows,
/// which are zero.
final class Activations {
    typealias Matrix = UnsafeMutablePointer<Float>

    struct Layer {
        /// [rows][projection]: queries, keys, values after bias and rotation.
        var projection: Matrix
        /// [rows][query and key heads · head] and [rows][query and key heads]: heads before their
        /// norm, and its inverse; only where the model normalises heads.
        var rawHeads: Matrix?
        var headInverse: Matrix?
        /// [rows][queries]: output of attention.
        var mixed: Matrix
        /// [rows][heads]: maximum score, 1/Σexp.
        var statistics: Matrix
        /// [rows][hidden]: after attention's residual.
        var middle: Matrix
        /// [rows][2 · intermediate]
        var gateUp: Matrix
        /// [rows]
        var inputInverse: Matrix
        var middleInverse: Matrix
    }

    private(set) var rows = 0
    /// [rows][hidden]: `inputs[l]` goes into layer l, the last comes out of the last layer.
    private(set) var inputs: [Matrix] = []
    private(set) var layers: [Layer] = []
    /// [rows][hidden], temporary.
    private(set) var normed: Matrix
    private(set) var delta: Matrix
    /// [rows][intermediate], temporary.
    private(set) var activated: Matrix

    /// What a later backward pass finds; everything else is overwritten from layer to layer.
    enum Kept {
        case nothing
        /// What goes into each layer, from which the layer can be computed again.
        case inputs
        case layers
    }

    private let model: ModelConfiguration
    private let kept: Kept
    private let memory = GrowingBuffer()

    init(_ model: ModelConfiguration, keeping kept: Kept) {
        self.model = model
        self.kept = kept
        normed = memory.reserve(0)
        delta = normed
        activated = normed
    }

    func input(_ layer: Int) -> Matrix { inputs[kept == .nothing ? 0 : layer] }
    func layer(_ layer: Int) -> Layer { layers[kept == .layers ? layer : 0] }

    /// Makes room for `rows` rows.
    func prepare(rows: Int) {
        guard rows != self.rows else { return }
        self.rows = rows
        let padded = MatrixProducts.paddedRows(rows)
        var allocator = MatrixAllocator(
            start: memory.reserve(floats(padded: padded)), rows: rows, padded: padded)
        inputs = (0..<inputCount).map { _ in allocator.matrix(model.hiddenSize) }
        layers = (0..<layerCount).map { _ in makeLayer(&allocator) }
        normed = allocator.matrix(model.hiddenSize)
        delta = allocator.matrix(model.hiddenSize)
        activated = allocator.matrix(model.intermediateSize)
    }

    private var inputCount: Int { kept == .nothing ? 1 : model.layerCount + 1 }
    private var layerCount: Int { kept == .layers ? model.layerCount : 1 }

    private func makeLayer(_ allocator: inout MatrixAllocator) -> Layer {
        let heads = model.normalizesHeads && kept != .nothing
        return Layer(
            projection: allocator.matrix(model.projectionWidth),
            rawHeads: heads ? allocator.matrix(model.rotatedHeadCount * model.headSize) : nil,
            headInverse: heads ? allocator.matrix(model.rotatedHeadCount) : nil,
            mixed: allocator.matrix(model.queryWidth),
            statistics: allocator.matrix(2 * model.headCount),
            middle: allocator.matrix(model.hiddenSize),
            gateUp: allocator.matrix(2 * model.intermediateSize),
            inputInverse: allocator.matrix(1), middleInverse: allocator.matrix(1))
    }

    /// Floats that all matrices take.
    private func floats(padded: Int) -> Int {
        let heads = model.rotatedHeadCount * (model.headSize + 1)
        let perLayer =
            model.projectionWidth + (model.normalizesHeads ? heads : 0) + model.queryWidth
            + 2 * model.headCount + model.hiddenSize + 2 * model.intermediateSize + 2
        let perRow =
            inputCount * model.hiddenSize + layerCount * perLayer + 2 * model.hiddenSize
            + model.intermediateSize
        let matrices = 9 * layerCount + inputCount + 3
        return perRow * padded + matrices * MatrixAllocator.slack
    }
}

/// Cuts matrices out of one allocation: aligned, padded rows zero, at least 16 readable floats
/// behind.
struct MatrixAllocator {
    /// Floats that a matrix may take beyond its rows.
    static let slack = 32

    private var next: UnsafeMutablePointer<Float>
    private let rows: Int
    private let padded: Int

    init(start: UnsafeMutablePointer<Float>, rows: Int, padded: Int) {
        next = start
        self.rows = rows
        self.padded = padded
    }

    mutating func matrix(_ width: Int) -> UnsafeMutablePointer<Float> {
        let matrix = next
        let size = (padded * width + 16 + 15) / 16 * 16
        (matrix + rows * width).update(repeating: 0, count: size - rows * width)
        next += size
        return matrix
    }
}
