/// What a forward pass computes for the rows of a batch. All matrices have room for padded rows,
/// which are zero.
final class Activations {
    typealias Matrix = UnsafeMutablePointer<Float>

    struct Layer {
        /// [rows][projection]: queries, keys, values after bias and rotation.
        var projection: Matrix
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

    private let model: ModelConfiguration
    private let keepsLayers: Bool
    private let memory = GrowingBuffer()

    /// `keepsLayers`: for a backward pass; otherwise layers overwrite one another.
    init(_ model: ModelConfiguration, keepsLayers: Bool) {
        self.model = model
        self.keepsLayers = keepsLayers
        normed = memory.reserve(0)
        delta = normed
        activated = normed
    }

    func input(_ layer: Int) -> Matrix { inputs[keepsLayers ? layer : 0] }
    func layer(_ layer: Int) -> Layer { layers[keepsLayers ? layer : 0] }

    /// Makes room for `rows` rows.
    func prepare(rows: Int) {
        self.rows = rows
        let kept = keepsLayers ? model.layerCount : 1
        let hidden = model.hiddenSize
        let perLayer =
            model.projectionWidth + model.queryWidth + 2 * model.headCount + hidden
            + 2 * model.intermediateSize + 2
        let perRow =
            (keepsLayers ? kept + 1 : 1) * hidden + kept * perLayer + 2 * hidden
            + model.intermediateSize
        let matrices = 7 * kept + kept + 4
        let padded = MatrixProducts.paddedRows(rows)
        var allocator = MatrixAllocator(
            start: memory.reserve(perRow * padded + matrices * 32), rows: rows, padded: padded)
        inputs = (0..<(keepsLayers ? kept + 1 : 1)).map { _ in allocator.matrix(hidden) }
        layers = (0..<kept).map { _ in
            Layer(
                projection: allocator.matrix(model.projectionWidth),
                mixed: allocator.matrix(model.queryWidth),
                statistics: allocator.matrix(2 * model.headCount),
                middle: allocator.matrix(hidden),
                gateUp: allocator.matrix(2 * model.intermediateSize),
                inputInverse: allocator.matrix(1), middleInverse: allocator.matrix(1))
        }
        normed = allocator.matrix(hidden)
        delta = allocator.matrix(hidden)
        activated = allocator.matrix(model.intermediateSize)
    }
}

/// Cuts matrices out of one allocation: aligned, padded rows zero, at least 16 readable floats
/// behind.
struct MatrixAllocator {
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
