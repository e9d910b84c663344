/// Where each tensor lies in one contiguous buffer of f32.
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

    /// Offsets of one layer's tensors and fused sets.
    struct Layer: Hashable, Sendable {
        var inputNorm = 0
        /// [queries + keys + values][hidden]
        var projection = 0
        /// [queries + keys + values]
        var projectionBias: Int?
        /// [hidden][queries]
        var output = 0
        var postNorm = 0
        /// [gate + up][hidden]
        var gateUp = 0
        /// [hidden][intermediate]
        var down = 0
    }

    package private(set) var entries: [Entry] = []
    /// Floats in the buffer, gaps included.
    package private(set) var count = 0
    private(set) var layers: [Layer] = []
    private(set) var embedding = 0
    private(set) var finalNorm = 0
    /// The output matrix; the embedding where they are tied.
    private(set) var head = 0

    package init(_ model: ModelConfiguration) {
        let hidden = model.hiddenSize
        embedding = add("model.embed_tokens.weight", [model.vocabularySize, hidden])
        for index in 0..<model.layerCount { layers.append(addLayer(index, model)) }
        finalNorm = add("model.norm.weight", [hidden])
        head =
            model.tiesEmbeddings
            ? embedding : add("lm_head.weight", [model.vocabularySize, hidden])
        align()
    }

    private mutating func addLayer(_ index: Int, _ model: ModelConfiguration) -> Layer {
        let prefix = "model.layers.\(index)."
        let hidden = model.hiddenSize
        let widths = [
            ("q", model.queryWidth), ("k", model.keyValueWidth), ("v", model.keyValueWidth),
        ]
        var layer = Layer()
        layer.inputNorm = add(prefix + "input_layernorm.weight", [hidden])
        align()
        layer.projection = count
        for (name, width) in widths {
            append(prefix + "self_attn.\(name)_proj.weight", [width, hidden])
        }
        if model.hasProjectionBias {
            align()
            layer.projectionBias = count
            for (name, width) in widths { append(prefix + "self_attn.\(name)_proj.bias", [width]) }
        }
        layer.output = add(prefix + "self_attn.o_proj.weight", [hidden, model.queryWidth])
        layer.postNorm = add(prefix + "post_attention_layernorm.weight", [hidden])
        align()
        layer.gateUp = count
        append(prefix + "mlp.gate_proj.weight", [model.intermediateSize, hidden])
        append(prefix + "mlp.up_proj.weight", [model.intermediateSize, hidden])
        layer.down = add(prefix + "mlp.down_proj.weight", [hidden, model.intermediateSize])
        return layer
    }

    /// Appends at a cache line boundary and returns the offset.
    private mutating func add(_ name: String, _ shape: [Int]) -> Int {
        align()
        append(name, shape)
        return entries[entries.count - 1].offset
    }

    private mutating func append(_ name: String, _ shape: [Int]) {
        let entry = Entry(name: name, shape: shape, offset: count)
        entries.append(entry)
        count += entry.count
    }

    private mutating func align() { count = (count + 15) / 16 * 16 }
}
