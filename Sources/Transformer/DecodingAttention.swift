internal import CKernels
internal import Ports

/// Keys and values of the completions being decoded: one slot each.
final class SlotCache {
    let slots: Int
    let capacity: Int
    private let model: ModelConfiguration
    private let sizes: KeyValueSizes
    private let memory: KeyValueMemory

    var type: TensorType { memory.type }

    /// `capacity`: tokens per slot.
    init(_ model: ModelConfiguration, slots: Int, capacity: Int, type: TensorType) {
        self.model = model
        self.slots = slots
        self.capacity = capacity
        sizes = KeyValueSizes(model, capacity: capacity)
        memory = KeyValueMemory(count: slots * model.layerCount * sizes.layer, type: type)
    }

    private func keys(_ slot: Int, _ layer: Int, _ head: Int) -> Int {
        (slot * model.layerCount + layer) * sizes.layer + head * sizes.head
    }

    private func values(_ slot: Int, _ layer: Int, _ head: Int) -> Int {
        keys(slot, layer, 0) + sizes.keys + head * capacity * model.headSize
    }

    func segment(slot: Int, layer: Int, head: Int) -> ck_segment {
        ck_segment(
            key_blocks: memory.at(keys(slot, layer, head)),
            values: memory.at(values(slot, layer, head)), value_stride: model.headSize)
    }

    /// Puts key and value of one head at `position`.
    func store(
        key: UnsafePointer<Float>, value: UnsafePointer<Float>, slot: Int, layer: Int, head: Int,
        position: Int
    ) {
        let size = model.headSize
        memory.storeKey(key, headSize: size, position: position, blocks: keys(slot, layer, head))
        memory.store(value, count: size, at: values(slot, layer, head) + position * size)
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
        let keys = projection + model.queryWidth
        for head in 0..<model.keyValueHeadCount {
            let key = keys + head * model.headSize
            cache.store(
                key: key, value: key + model.keyValueWidth, slot: row.slot, layer: layer,
                head: head, position: row.own)
        }
    }

    private func attend(
        _ row: Row, _ layer: Int, head: Int, _ projection: UnsafePointer<Float>,
        _ mixed: UnsafeMutablePointer<Float>, _ next: ck_segment
    ) {
        let prefix = row.prefix.segment(layer: layer, head: head)
        let own = cache.segment(slot: row.slot, layer: layer, head: head)
        let scratch = memory.scratch.reserve(
            ck_attention_scratch(model.headSize, row.prefix.count, row.own + 1))
        for heads in memory.queryHeads[head] {
            let queries = projection + heads.lowerBound * model.headSize
            let out = mixed + heads.lowerBound * model.headSize
            switch cache.type {
            case .float32:
                ck_attention(
                    queries, 0, 1, heads.count, model.headSize, prefix, row.prefix.count, own,
                    row.own + 1, next, scratch, out, 0, nil, 0)
            case .bfloat16:
                ck_attention_bf16(
                    queries, heads.count, model.headSize, prefix, row.prefix.count, own,
                    row.own + 1, next, scratch, out)
            }
        }
    }
}
