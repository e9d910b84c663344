internal import CKernels
internal import GRPO

/// Computes prompts, once per group: their keys and values, and the first token of each completion.
struct Prefill {
    struct Result {
        var cache: PrefixCache
        /// One per completion of the group.
        var firstTokens: [ChosenToken]
    }

    /// Prompt tokens computed as one batch.
    static let tokensPerBatch = 512

    let model: Model
    let request: SamplingRequest
    let workspace: DecodingWorkspace

    /// Consecutive tickets of about `tokensPerBatch` prompt tokens.
    static func batches(of tickets: [Ticket]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0
        var tokens = 0
        for (index, ticket) in tickets.enumerated() {
            tokens += ticket.prompt.count
            guard tokens >= tokensPerBatch || index == tickets.count - 1 else { continue }
            batches.append(start..<(index + 1))
            start = index + 1
            tokens = 0
        }
        return batches
    }

    func run(_ range: Range<Int>) -> [Result] {
        let batch = PackedBatch(prompts: request.tickets[range].map(\.prompt))
        let caches = batch.spans.map {
            PrefixCache(model.configuration, count: $0.count, type: model.type)
        }
        var attention = PackedAttention(
            model: model.configuration, batch: batch, memory: workspace.attention)
        let layout = attention
        attention.afterLayer = { layer, activations, keys in
            store(layer, activations, keys, layout, caches)
        }
        model.forward(
            batch, activations: workspace.activations, tools: workspace.tools,
            attention: &attention)
        return zip(range, zip(caches, firstTokens(batch, range))).map {
            Result(cache: $1.0, firstTokens: $1.1)
        }
    }

    private func store(
        _ layer: Int, _ activations: Activations.Layer, _ keys: UnsafePointer<Float>,
        _ layout: PackedAttention, _ caches: [PrefixCache]
    ) {
        let model = model.configuration
        for (span, cache) in zip(layout.batch.spans, caches) {
            let keys =
                keys
                + layout.blockOffset(
                    firstBlock: span.firstBlock, count: span.count, head: 0)
            let values =
                activations.projection + span.start * model.projectionWidth
                + model.queryWidth + model.keyValueWidth
            cache.store(
                layer: layer, keys: keys, values: values, valueStride: model.projectionWidth)
        }
    }

    private func firstTokens(_ batch: PackedBatch, _ range: Range<Int>) -> [[ChosenToken]] {
        let configuration = model.configuration
        let head = OutputHead(model, tools: workspace.tools)
        let chooser = TokenChooser(
            vocabulary: configuration.vocabularySize, parameters: request.parameters)
        head.prepare(
            batch.predictionRows, of: workspace.activations.input(configuration.layerCount))
        return head.chunks(batch.predictionRows.count).flatMap { chunk in
            let logits = head.logits(chunk)
            return chunk.map { prediction in
                let row = logits + (prediction - chunk.lowerBound) * configuration.vocabularySize
                let ticket = range.lowerBound + prediction
                return (0..<request.groupSize).map { sample in
                    let sequence = ticket * request.groupSize + sample
                    return chooser.choose(
                        row, uniform: request.uniform(sequence: sequence, position: 0))
                }
            }
        }
    }
}

extension Model {
    /// Runs all layers over a packed batch.
    func forward(
        _ batch: PackedBatch, activations: Activations, tools: ThreadTools,
        attention: inout PackedAttention
    ) {
        batch.tokens.withUnsafeBufferPointer { tokens in
            batch.positions.withUnsafeBufferPointer { positions in
                forward(
                    tokens: tokens, positions: positions, activations: activations,
                    tools: tools, attention: &attention)
            }
        }
    }
}
