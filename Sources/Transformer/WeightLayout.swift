/// Where each tensor lies in one contiguous buffer of f32: first all vectors (norms and biases), then
/// all matrices.
///
/// Matrices that are multiplied with the same input lie one behind the other (query, key and value;
/// gate and up), so that each such set is one matrix of the fused product.
package struct WeightLayout: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// Hugging Face's name.
        package var name: String
        package var shape: [Int]
        /// In floats.
        package var offset: Int
        package var count: Int { shape.reduce(1, *) }
        /// Weight decay applies to matrices only, not to norms and biases.
        package var decays: Bool { shape.count > 1 }
    }

    /// A matrix of a fused product, [outputs][inputs].
    struct Matrix: Hashable, Sendable {
        var offset = 0
        var outputs = 0
        var inputs = 0

        var count: Int { outputs * inputs }
    }

    /// One layer's tensors and fused sets; vectors by their offsets.
    struct Layer: Hashable, Sendable {
        var inputNorm = 0
        /// Queries, keys and values.
        var projection = Matrix()
        var projectionBias: Int?
        /// Of one head each.
        var queryNorm: Int?
        var keyNorm: Int?
        var output = Matrix()
        var postNorm = 0
        /// Gate and up.
        var gateUp = Matrix()
        var down = Matrix()

        var matrices: [Matrix] { [projection, output, gateUp, down] }
    }

    /// In Hugging Face's order.
    package private(set) var entries: [Entry] = []
    /// Floats in the buffer, gaps included.
    package private(set) var count: Int
    /// Floats of all vectors, gaps included.
    private(set) var vectorCount = 0
    private(set) var layers: [Layer] = []
    private(set) var embedding = Matrix()
    private(set) var finalNorm = 0
    /// The output matrix; the embedding where they are tied.
    private(set) var head = Matrix()

    package init(_ model: ModelConfiguration) {
        let vectors = WeightLayout(model, matricesFrom: 0).vectorCount
        self.init(model, matricesFrom: vectors)
    }

    private init(_ model: ModelConfiguration, matricesFrom start: Int) {
        count = start
        let hidden = model.hiddenSize
        embedding = addMatrix("model.embed_tokens.weight", model.vocabularySize, hidden)
        for index in 0..<model.layerCount { layers.append(addLayer(index, model)) }
        finalNorm = addVectors(["model.norm.weight"], [hidden])
        head =
            model.tiesEmbeddings
            ? embedding : addMatrix("lm_head.weight", model.vocabularySize, hidden)
    }

    /// Of a value head: one output over the hidden state.
    init(valueHeadOver hidden: Int) {
        count = 0
        _ = addVectors(["value_head.bias"], [1])
        count = vectorCount
        head = addMatrix("value_head.weight", 1, hidden)
    }

    private mutating func addLayer(_ index: Int, _ model: ModelConfiguration) -> Layer {
        let prefix = "model.layers.\(index)."
        let hidden = model.hiddenSize
        let projections = ["q", "k", "v"].map { prefix + "self_attn.\($0)_proj" }
        let widths = [model.queryWidth, model.keyValueWidth, model.keyValueWidth]
        var layer = Layer()
        layer.inputNorm = addVectors([prefix + "input_layernorm.weight"], [hidden])
        layer.projection = addMatrices(projections.map { $0 + ".weight" }, widths, hidden)
        if model.hasProjectionBias {
            layer.projectionBias = addVectors(projections.map { $0 + ".bias" }, widths)
        }
        if model.normalizesHeads {
            layer.queryNorm = addVectors([prefix + "self_attn.q_norm.weight"], [model.headSize])
            layer.keyNorm = addVectors([prefix + "self_attn.k_norm.weight"], [model.headSize])
        }
        layer.output = addMatrix(prefix + "self_attn.o_proj.weight", hidden, model.queryWidth)
        layer.postNorm = addVectors([prefix + "post_attention_layernorm.weight"], [hidden])
        let gates = ["gate", "up"].map { prefix + "mlp.\($0)_proj.weight" }
        let wide = model.intermediateSize
        layer.gateUp = addMatrices(gates, [wide, wide], hidden)
        layer.down = addMatrix(prefix + "mlp.down_proj.weight", hidden, wide)
        return layer
    }

    private mutating func addMatrix(_ name: String, _ outputs: Int, _ inputs: Int) -> Matrix {
        addMatrices([name], [outputs], inputs)
    }

    /// One behind the other, from a cache line boundary on.
    private mutating func addMatrices(
        _ names: [String], _ outputs: [Int], _ inputs: Int
    ) -> Matrix {
        let matrix = Matrix(offset: count, outputs: outputs.reduce(0, +), inputs: inputs)
        for (name, rows) in zip(names, outputs) {
            entries.append(Entry(name: name, shape: [rows, inputs], offset: count))
            count += rows * inputs
        }
        count = Self.aligned(count)
        return matrix
    }

    /// The same for vectors; the offset of the first.
    private mutating func addVectors(_ names: [String], _ widths: [Int]) -> Int {
        let offset = vectorCount
        for (name, width) in zip(names, widths) {
            entries.append(Entry(name: name, shape: [width], offset: vectorCount))
            vectorCount += width
        }
        vectorCount = Self.aligned(vectorCount)
        return offset
    }

    private static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

extension WeightLayout {
    /// Those that lie inside `matrix`, in order.
    func entries(of matrix: Matrix) -> [Entry] {
        let range = matrix.offset..<(matrix.offset + matrix.count)
        return entries.filter { range.contains($0.offset) && $0.decays }
    }
}
