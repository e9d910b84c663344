/// Weights ready to be multiplied with: the plain buffer, and each matrix in packed order.
final class Model {
    struct Layer {
        var projection: PackedMatrix
        var output: PackedMatrix
        var gateUp: PackedMatrix
        var down: PackedMatrix
    }

    let configuration: ModelConfiguration
    let weights: Weights
    let rotary: RotaryTable
    private(set) var layers: [Layer] = []
    private(set) var head: PackedMatrix
    private let packed: FloatBuffer
    private var matrices: [(offset: Int, matrix: PackedMatrix)] = []

    var layout: WeightLayout { weights.layout }
    var values: UnsafePointer<Float> { UnsafePointer(weights.buffer.pointer) }

    init(
        _ configuration: ModelConfiguration, weights: Weights, rotary: RotaryTable,
        products: MatrixProducts
    ) {
        self.configuration = configuration
        self.weights = weights
        self.rotary = rotary
        let shapes = Self.matrixShapes(configuration, weights.layout)
        let sizes = shapes.map {
            (products.packedBytes(rows: $0.rows, columns: $0.columns) / 4 + 15) / 16 * 16
        }
        packed = FloatBuffer(zeros: sizes.reduce(0, +))
        var start = packed.pointer
        for (shape, size) in zip(shapes, sizes) {
            let matrix = PackedMatrix(rows: shape.rows, columns: shape.columns, values: start)
            matrices.append((shape.offset, matrix))
            start += size
        }
        head = matrices[matrices.count - 1].matrix
        layers = (0..<configuration.layerCount).map { index in
            let own = matrices[(4 * index)..<(4 * index + 4)].map(\.matrix)
            return Layer(projection: own[0], output: own[1], gateUp: own[2], down: own[3])
        }
        pack(with: products)
    }

    /// Packs again after the plain weights changed.
    func pack(with products: MatrixProducts) {
        for (offset, matrix) in matrices {
            products.pack(
                values + offset, rows: matrix.rows, columns: matrix.columns,
                into: UnsafeMutablePointer(mutating: matrix.values))
        }
    }

    /// Four matrices per layer, then the output matrix.
    private static func matrixShapes(
        _ model: ModelConfiguration, _ layout: WeightLayout
    ) -> [(offset: Int, rows: Int, columns: Int)] {
        let hidden = model.hiddenSize
        let perLayer = layout.layers.flatMap { layer in
            [
                (layer.projection, model.projectionWidth, hidden),
                (layer.output, hidden, model.queryWidth),
                (layer.gateUp, 2 * model.intermediateSize, hidden),
                (layer.down, hidden, model.intermediateSize),
            ]
        }
        return perLayer + [(layout.head, model.vocabularySize, hidden)]
    }
}
