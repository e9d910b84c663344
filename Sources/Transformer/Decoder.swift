internal import CKernels
internal import GRPO
internal import Ports

/// Decodes completions on one thread: each step computes the next token of all sequences that are
/// under way as one batch; a finished sequence makes room for the next one waiting.
///
/// What a sequence samples depends on weights, prompt and key alone, so it does not matter which
/// thread takes it or beside what it runs.
final class Decoder {
    /// Sequences under way at once: enough to keep products near their peak, few enough for
    /// activations to stay in the cache.
    static let batchLimit = 64
    /// Most bytes that slots may take.
    private static let slotBytes = 1 << 30

    private struct Sequence {
        var number: Int
        var slot: Int
        var prefix: PrefixCache
        var completion: Completion
    }

    private let model: Model
    private let request: SamplingRequest
    private let tools: ThreadTools
    private let activations: Activations
    private let chooser: TokenChooser
    private let stopTokens: Set<Int32>
    private var attention: DecodingAttention
    private var active: [Sequence] = []
    private var freeSlots: [Int]
    private let logits: FloatBuffer
    /// Finished completions with their sequence numbers, in order of finishing.
    private(set) var finished: [(number: Int, completion: Completion)] = []

    init(_ model: Model, request: SamplingRequest, batch: Int, workspace: DecodingWorkspace) {
        self.model = model
        self.request = request
        tools = workspace.tools
        activations = workspace.activations
        let vocabulary = model.configuration.vocabularySize
        chooser = TokenChooser(vocabulary: vocabulary, parameters: request.parameters)
        stopTokens = Set(request.parameters.stopTokens)
        // The last token is never an input.
        let capacity = max(request.parameters.maxCompletionLength - 1, 1)
        let slotSize =
            (model.type == .float32 ? 4 : 2) * model.configuration.layerCount
            * KeyValueSizes(model.configuration, capacity: capacity).layer
        let slots = max(
            1, min(batch, Self.slotBytes / slotSize, OutputHead.logitBytes / 4 / vocabulary))
        attention = DecodingAttention(
            model: model.configuration,
            cache: workspace.cache(model, slots: slots, capacity: capacity),
            memory: workspace.attention)
        freeSlots = Array(0..<slots)
        logits = FloatBuffer(count: MatrixProducts.paddedRows(slots) * vocabulary)
    }

    /// Decodes the sequences that `next` hands out until it has no more.
    func decode(_ prefixes: [Prefill.Result], next: () -> Int?) {
        var isDrained = false
        repeat {
            while !isDrained, !freeSlots.isEmpty {
                guard let number = next() else {
                    isDrained = true
                    break
                }
                start(number, prefixes[number / request.groupSize])
            }
            if !active.isEmpty { step() }
        } while !active.isEmpty || !isDrained
    }

    private func start(_ number: Int, _ prefill: Prefill.Result) {
        let first = prefill.firstTokens[number % request.groupSize]
        var completion = Completion(
            tokens: [], behaviorLogprobs: [], keptLogMasses: [], finishReason: .length)
        guard !append(first, to: &completion) else {
            finished.append((number, completion))
            return
        }
        let slot = freeSlots.removeLast()
        active.append(
            Sequence(number: number, slot: slot, prefix: prefill.cache, completion: completion))
    }

    /// True when the completion is finished.
    private func append(_ chosen: ChosenToken, to completion: inout Completion) -> Bool {
        completion.tokens.append(chosen.token)
        completion.behaviorLogprobs.append(chosen.logprob)
        completion.keptLogMasses.append(chosen.keptLogMass)
        if stopTokens.contains(chosen.token) {
            completion.finishReason = .stop
            return true
        }
        return completion.tokens.count == request.parameters.maxCompletionLength
    }

    private func step() {
        runLayers()
        tools.clock.time(.rows) {
            model.norm(
                activations.input(model.configuration.layerCount), model.layout.finalNorm,
                active.count, into: activations.normed, activations.layer(0).inputInverse)
        }
        tools.multiply(
            activations.normed, rows: active.count, by: model.head, into: logits.pointer)
        tools.clock.time(.vocabulary) { chooseTokens() }
    }

    private func chooseTokens() {
        let vocabulary = model.configuration.vocabularySize
        for index in active.indices.reversed() {
            let number = active[index].number
            let uniform = request.uniform(
                sequence: number, position: active[index].completion.tokens.count)
            let chosen = chooser.choose(logits.pointer + index * vocabulary, uniform: uniform)
            if append(chosen, to: &active[index].completion) { retire(index) }
        }
    }

    /// Moves the last sequence into the finished one's place. Called from the last index down, so
    /// the one that moves has been served.
    private func retire(_ index: Int) {
        let last = active.removeLast()
        let done = index == active.count ? last : active[index]
        if index < active.count { active[index] = last }
        freeSlots.append(done.slot)
        finished.append((done.number, done.completion))
    }

    /// Feeds each sequence its latest token.
    private func runLayers() {
        attention.rows.removeAll(keepingCapacity: true)
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * active.count) { memory in
            let tokens = UnsafeMutableBufferPointer(rebasing: memory[..<active.count])
            let positions = UnsafeMutableBufferPointer(rebasing: memory[active.count...])
            for index in active.indices {
                let sequence = active[index]
                let count = sequence.completion.tokens.count
                tokens[index] = sequence.completion.tokens[count - 1]
                positions[index] = Int32(sequence.prefix.count + count - 1)
                attention.rows.append(
                    .init(slot: sequence.slot, prefix: sequence.prefix, own: count - 1))
            }
            model.forward(
                tokens: UnsafeBufferPointer(tokens), positions: UnsafeBufferPointer(positions),
                activations: activations, tools: tools, attention: &attention)
        }
    }
}

/// What a decoding thread keeps from call to call.
final class DecodingWorkspace {
    let tools: ThreadTools
    let activations: Activations
    let attention: AttentionMemory
    private var slots: SlotCache?

    init(_ model: ModelConfiguration, tools: ThreadTools) {
        self.tools = tools
        activations = Activations(model, keeping: .nothing)
        attention = AttentionMemory(model)
    }

    func cache(_ model: Model, slots: Int, capacity: Int) -> SlotCache {
        if let known = self.slots, known.slots == slots, known.capacity == capacity { return known }
        self.slots = nil
        let fresh = SlotCache(
            model.configuration, slots: slots, capacity: capacity, type: model.type)
        self.slots = fresh
        return fresh
    }
}
