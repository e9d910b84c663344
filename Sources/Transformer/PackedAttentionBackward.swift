internal import CKernels

extension PackedAttention {
    /// Gradients of one layer's attention. `dprojection` [rows][projection] must be zero.
    func backward(
        _ layer: Activations.Layer, dmixed: UnsafePointer<Float>,
        dprojection: UnsafeMutablePointer<Float>
    ) {
        let keys = memory.keyBlocks.reserve(blockFloats * batch.blockCount)
        let values = memory.valueBlocks.reserve(blockFloats * batch.blockCount)
        for span in batch.spans {
            pack(layer.projection + model.queryWidth, span, into: keys)
            pack(layer.projection + model.queryWidth + model.keyValueWidth, span, into: values)
        }
        let blocks = Blocks(keys: keys, values: values)
        // Spans of one head in order: they add to the same prefix.
        forEachHead { head, scratch in
            for span in batch.spans {
                backward(span, head: head, layer, blocks, dmixed, dprojection, scratch)
            }
        }
    }

    private struct Blocks {
        var keys: UnsafePointer<Float>
        var values: UnsafePointer<Float>
    }

    private func backward(
        _ span: PackedBatch.Span, head: Int, _ layer: Activations.Layer, _ blocks: Blocks,
        _ dmixed: UnsafePointer<Float>, _ dprojection: UnsafeMutablePointer<Float>,
        _ scratch: GrowingBuffer
    ) {
        let width = model.projectionWidth
        func segment(start: Int, firstBlock: Int, count: Int) -> ck_backward_segment {
            let offset = blockOffset(firstBlock: firstBlock, count: count, head: head)
            let keys = start * width + model.queryWidth + head * model.headSize
            return ck_backward_segment(
                key_blocks: blocks.keys + offset, value_blocks: blocks.values + offset,
                keys: layer.projection + keys, dkeys: dprojection + keys,
                dvalues: dprojection + keys + model.keyValueWidth, stride: width)
        }
        let prefix = segment(
            start: span.prefixStart, firstBlock: span.prefixFirstBlock, count: span.prefixCount)
        let own = segment(start: span.start, firstBlock: span.firstBlock, count: span.count)
        let scratch = scratch.reserve(
            ck_attention_backward_scratch(model.headSize, span.prefixCount, span.count))
        for heads in memory.queryHeads[head] {
            let query = span.start * width + heads.lowerBound * model.headSize
            let output = span.start * model.queryWidth + heads.lowerBound * model.headSize
            ck_attention_backward(
                layer.projection + query, dprojection + query, width, layer.mixed + output,
                dmixed + output, model.queryWidth, span.count, heads.count, model.headSize, prefix,
                span.prefixCount, own, 1,
                layer.statistics + 2 * (span.start * model.headCount + heads.lowerBound),
                2 * model.headCount, scratch)
        }
    }
}
