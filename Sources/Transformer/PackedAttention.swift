internal import CKernels

/// Attention inside a packed batch: every span sees its prefix, then itself.
struct PackedAttention: AttentionPattern {
    let model: ModelConfiguration
    let batch: PackedBatch
    let memory: AttentionMemory
    /// Heads are shared between its threads; `nil`: one thread computes all.
    var team: ComputeTeam?
    /// Called after each layer with the layer's activations and the key blocks of all spans.
    var afterLayer: ((Int, Activations.Layer, UnsafePointer<Float>) -> Void)?

    mutating func attend(layer index: Int, _ layer: Activations.Layer) {
        let keys = memory.keyBlocks.reserve(blockFloats * batch.blockCount)
        for span in batch.spans { pack(layer.projection + model.queryWidth, span, into: keys) }
        forEachHead { head, scratch in
            for span in batch.spans { attend(span, head: head, layer, keys, scratch) }
        }
        afterLayer?(index, layer, UnsafePointer(keys))
    }

    /// Runs `body` for all key/value heads, with scratch memory of the thread that runs it.
    func forEachHead(_ body: (_ head: Int, _ scratch: GrowingBuffer) -> Void) {
        guard let team else {
            for head in 0..<model.keyValueHeadCount { body(head, memory.scratch) }
            return
        }
        let scratches = memory.scratches(team.threads.count)
        team.share(model.keyValueHeadCount) { head, thread in body(head, scratches[thread]) }
    }

    /// Floats of one block over all key/value heads.
    var blockFloats: Int { model.keyValueWidth * 16 }

    /// Where the blocks of one head of a span begin.
    func blockOffset(firstBlock: Int, count: Int, head: Int) -> Int {
        firstBlock * blockFloats + head * ((count + 15) / 16) * 16 * model.headSize
    }

    /// Packs `columns` (keys or values of head 0 of row 0) of the span's rows for all heads.
    func pack(
        _ columns: UnsafePointer<Float>, _ span: PackedBatch.Span,
        into blocks: UnsafeMutablePointer<Float>
    ) {
        let width = model.projectionWidth
        for head in 0..<model.keyValueHeadCount {
            let offset = blockOffset(firstBlock: span.firstBlock, count: span.count, head: head)
            ck_pack_keys(
                columns + span.start * width + head * model.headSize, width, span.count,
                model.headSize, 0, blocks + offset)
        }
    }

    private func attend(
        _ span: PackedBatch.Span, head: Int, _ layer: Activations.Layer,
        _ keys: UnsafePointer<Float>, _ scratch: GrowingBuffer
    ) {
        let width = model.projectionWidth
        let values =
            layer.projection + model.queryWidth + model.keyValueWidth + head * model.headSize
        let prefix = ck_segment(
            key_blocks: keys
                + blockOffset(
                    firstBlock: span.prefixFirstBlock, count: span.prefixCount, head: head),
            values: values + span.prefixStart * width, value_stride: width)
        let own = ck_segment(
            key_blocks: keys
                + blockOffset(firstBlock: span.firstBlock, count: span.count, head: head),
            values: values + span.start * width, value_stride: width)
        let scratch = scratch.reserve(
            ck_attention_scratch(model.headSize, span.prefixCount, span.count))
        for heads in memory.queryHeads[head] {
            ck_attention(
                layer.projection + span.start * width + heads.lowerBound * model.headSize, width,
                span.count, heads.count, model.headSize, prefix, span.prefixCount, own, 1,
                ck_segment(), scratch,
                layer.mixed + span.start * model.queryWidth + heads.lowerBound * model.headSize,
                model.queryWidth,
                layer.statistics + 2 * (span.start * model.headCount + heads.lowerBound),
                2 * model.headCount)
        }
    }
}

/// What attention reuses from layer to layer. One per thread.
final class AttentionMemory {
    let keyBlocks = GrowingBuffer()
    let valueBlocks = GrowingBuffer()
    let scratch = GrowingBuffer()
    private var teamScratches: [GrowingBuffer] = []
    /// Per key/value head, the query heads that share it, in runs that one kernel call takes.
    let queryHeads: [[Range<Int>]]

    /// Scratch for each thread of a team.
    func scratches(_ count: Int) -> [GrowingBuffer] {
        while teamScratches.count < count { teamScratches.append(GrowingBuffer()) }
        return teamScratches
    }

    init(_ model: ModelConfiguration) {
        queryHeads = (0..<model.keyValueHeadCount).map { model.queryHeads(of: $0) }
    }
}

extension ModelConfiguration {
    fileprivate func queryHeads(of keyValueHead: Int) -> [Range<Int>] {
        let first = keyValueHead * headsPerKeyValueHead
        let end = first + headsPerKeyValueHead
        let most = Int(ck_tile)
        return stride(from: first, to: end, by: most).map { $0..<min($0 + most, end) }
    }
}
