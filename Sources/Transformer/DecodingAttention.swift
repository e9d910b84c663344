internal import CKernels

/// Keys and values of the completions being decoded: one slot each.
final class SlotCache {
    let slots: Int
    let capacity: Int
    private let model: ModelConfiguration
    private let sizes: KeyValueSizes
    private let buffer: FloatBuffer

    /// `capacity`: tokens per slot.
    init(_ model: ModelConfiguration, slots: Int, capacity: Int) {
        self.model = model
        self.slots = slots
        self.capacity = capacity
        sizes = KeyValueSizes(model, capacity: capacity)
        buffer = FloatBuffer(count: slots * model.layerCount * sizes.layer)
    }

    func keys(slot: Int, layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        buffer.pointer + (slot * model.layerCount + layer) * sizes.layer + head * sizes.head
    }

    func values(slot: Int, layer: Int, head: Int) -> UnsafeMutablePointer<Float> {
        keys(slot: slot, layer: layer, head: 0) + sizes.keys + head * capacity * model.headSize
    }

    func segment(slot: Int, layer: Int, head: Int) -> ck_segment {
        ck_segment(
            key_blocks: keys(slot: slot, layer: layer, head: head),
            values: values(slot: slot, layer: layer, head: head), value_stride: model.headSize)
    }
}

/// Attention of one new token per sequence: over the group's prefix, then the sequence's own slot,
/// to which its key and value are appended first.
struct DecodingAttention: AttentionPattern {
    struct Row {
        var slot: Int
        var prefix: PrefixCache
        /// Own tokens already in the slot.
        var own: Int
    }

    let model: ModelConfiguration
    let cache: SlotCache
    let memory: AttentionMemory
    var rows: [Row] = []

    mutating func attend(layer index: Int, _ layer: Activations.Layer) {
        for (number, row) in rows.enumerated() {
            let projection = layer.projection + number * model.projectionWidth
            let mixed = layer.mixed + number * model.queryWidth
            append(projection, row, index)
            for head in 0..<model.keyValueHeadCount {
                let next = segment(after: number, head: head, layer: index)
                attend(row, index, head: head, projection, mixed, next)
            }
        }
    }

    /// What is read next: slots lie far apart, so waiting for memory would take longer than
    /// computing.
    private func segment(after number: Int, head: Int, layer: Int) -> ck_segment {
        let isLastHead = head + 1 == model.keyValueHeadCount
        guard !isLastHead || number + 1 < rows.count else { return ck_segment() }
        return cache.segment(
            slot: rows[isLastHead ? number + 1 : number].slot, layer: layer,
            head: isLastHead ? 0 : head + 1)
    }

    private func append(_ projection: UnsafePointer<Float>, _ row: Row, _ layer: Int) {
        let (width, keys) = (model.headSize, projection + model.queryWidth)
        for head in 0..<model.keyValueHeadCount {
            let key = keys + head * width
            ck_pack_keys(
                key, 0, 1, width, row.own, cache.keys(slot: row.slot, layer: layer, head: head))
            let values = cache.values(slot: row.slot, layer: layer, head: head)
            (values + row.own * width).update(from: key + model.keyValueWidth, count: width)
        }
    }

    private func attend(
        _ row: Row, _ layer: Int, head: Int, _ projection: UnsafePointer<Float>,
        _ mixed: UnsafeMutablePointer<Float>, _ next: ck_segment
    ) {
        let prefixBlocks = KeyValueSizes(model, capacity: row.prefix.count).head
        let prefix = ck_segment(
            key_blocks: row.prefix.keys(layer) + head * prefixBlocks,
            values: row.prefix.values(layer) + head * row.prefix.count * model.headSize,
            value_stride: model.headSize)
        let own = cache.segment(slot: row.slot, layer: layer, head: head)
        let scratch = memory.scratch.reserve(
            ck_attention_scratch(model.headSize, row.prefix.count, row.own + 1))
        for heads in memory.queryHeads[head] {
            ck_attention(
                projection + heads.lowerBound * model.headSize, 0, 1, heads.count, model.headSize,
                prefix, row.prefix.count, own, row.own + 1, next, scratch,
                mixed + heads.lowerBound * model.headSize, 0, nil, 0)
        }
    }
}
