/// Keys and values of one prompt, shared by all completions of its group.
final class PrefixCache {
    let count: Int
    private let model: ModelConfiguration
    private let buffer: FloatBuffer

    init(_ model: ModelConfiguration, count: Int) {
        self.model = model
        self.count = count
        buffer = FloatBuffer(count: model.layerCount * KeyValueSizes(model, capacity: count).layer)
    }

    private var sizes: KeyValueSizes { KeyValueSizes(model, capacity: count) }

    /// Key blocks [keyValueHeads][blocks][headSize][16] of a layer.
    func keys(_ layer: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + layer * sizes.layer }
    /// Values [keyValueHeads][count][headSize] of a layer.
    func values(_ layer: Int) -> UnsafeMutablePointer<Float> { keys(layer) + sizes.keys }

    /// Copies a span of a packed batch; `values` has the heads side by side.
    func store(
        layer: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, valueStride: Int
    ) {
        self.keys(layer).update(from: keys, count: sizes.keys)
        var destination = self.values(layer)
        for head in 0..<model.keyValueHeadCount {
            for position in 0..<count {
                destination.update(
                    from: values + position * valueStride + head * model.headSize,
                    count: model.headSize)
                destination += model.headSize
            }
        }
        // Vectors may read past the last head.
        destination.update(repeating: 0, count: KeyValueSizes.slack)
    }
}

/// Floats that the keys and values of one layer take.
struct KeyValueSizes {
    /// Readable behind values.
    static let slack = 16

    /// Key blocks of one head.
    var head: Int
    /// Key blocks of all heads.
    var keys: Int
    /// Keys and values.
    var layer: Int

    init(_ model: ModelConfiguration, capacity: Int) {
        head = (capacity + 15) / 16 * 16 * model.headSize
        keys = head * model.keyValueHeadCount
        layer = keys + capacity * model.keyValueWidth + Self.slack
    }
}
