internal import CKernels
internal import GRPO

/// One sampled token.
struct ChosenToken {
    var token: Int32
    /// At the sampling temperature over the full vocabulary.
    var logprob: Float
    /// ln of the mass that top-k/top-p kept; 0 where nothing was cut.
    var keptLogMass: Float
}

/// Draws tokens from logits. One per thread.
final class TokenChooser {
    private let vocabulary: Int
    private let parameters: SamplingParameters
    private let weights: FloatBuffer
    private let kept: FloatBuffer
    /// Token ids as a heap whose root has the largest logit, the lowest id on ties.
    private var heap: [Int32] = []

    init(vocabulary: Int, parameters: SamplingParameters) {
        self.vocabulary = vocabulary
        self.parameters = parameters
        weights = FloatBuffer(count: vocabulary)
        kept = FloatBuffer(count: vocabulary)
    }

    private var cuts: Bool {
        parameters.topK > 0 && parameters.topK < vocabulary || parameters.topP < 1
    }

    func choose(_ logits: UnsafePointer<Float>, uniform: Float) -> ChosenToken {
        let isGreedy = parameters.temperature == 0
        let inverse = isGreedy ? 1 : 1 / parameters.temperature
        var total = 0.0
        let distribution =
            isGreedy
            ? ck_describe(logits, vocabulary, inverse)
            : ck_weigh(logits, vocabulary, inverse, weights.pointer, &total)
        let (token, mass) =
            isGreedy ? (ck_argmax(logits, vocabulary), 0) : draw(logits, total, uniform)
        return ChosenToken(
            token: token, logprob: ck_logprob(logits, token, inverse, distribution),
            keptLogMass: mass)
    }

    private func draw(
        _ logits: UnsafePointer<Float>, _ total: Double, _ uniform: Float
    ) -> (token: Int32, keptLogMass: Float) {
        cuts
            ? drawFromKept(logits, total, uniform)
            : (ck_draw(weights.pointer, vocabulary, total, uniform), 0)
    }

    /// Top-k first, then top-p of what it left, as Transformers does it.
    private func drawFromKept(
        _ logits: UnsafePointer<Float>, _ total: Double, _ uniform: Float
    ) -> (Int32, Float) {
        let tokens = largest(logits, total)
        guard tokens.count < vocabulary else {
            return (ck_draw(weights.pointer, vocabulary, total, uniform), 0)
        }
        kept.clear()
        for token in tokens { kept.pointer[Int(token)] = weights.pointer[Int(token)] }
        let mass = ck_total(kept.pointer, vocabulary)
        return (ck_draw(kept.pointer, vocabulary, mass, uniform), Float(ck_log(mass / total)))
    }

    /// The smallest set of most probable tokens, at most k, whose mass reaches p of the top k's.
    private func largest(_ logits: UnsafePointer<Float>, _ total: Double) -> [Int32] {
        let limitsCount = parameters.topK > 0 && parameters.topK < vocabulary
        let limit = limitsCount ? parameters.topK : vocabulary
        heapify(logits)
        var tokens: [Int32] = []
        guard limitsCount else {
            popUntil(Double(parameters.topP) * total, limit, logits, &tokens)
            return tokens
        }
        popUntil(.infinity, limit, logits, &tokens)
        guard parameters.topP < 1 else { return tokens }
        let mass = tokens.reduce(0.0) { $0 + Double(weights.pointer[Int($1)]) }
        return prefix(of: tokens, reaching: Double(parameters.topP) * mass)
    }

    private func prefix(of tokens: [Int32], reaching target: Double) -> [Int32] {
        var mass = 0.0
        for (index, token) in tokens.enumerated() {
            mass += Double(weights.pointer[Int(token)])
            if mass >= target { return Array(tokens[...index]) }
        }
        return tokens
    }

    private func popUntil(
        _ target: Double, _ limit: Int, _ logits: UnsafePointer<Float>, _ tokens: inout [Int32]
    ) {
        var mass = 0.0
        while tokens.count < limit, tokens.isEmpty || mass < target, let token = pop(logits) {
            tokens.append(token)
            mass += Double(weights.pointer[Int(token)])
        }
    }

    private func heapify(_ logits: UnsafePointer<Float>) {
        heap.removeAll(keepingCapacity: true)
        heap.append(contentsOf: 0..<Int32(vocabulary))
        for root in (0..<(vocabulary / 2)).reversed() { siftDown(root, logits) }
    }

    private func pop(_ logits: UnsafePointer<Float>) -> Int32? {
        guard let last = heap.popLast() else { return nil }
        guard let top = heap.first else { return last }
        heap[0] = last
        siftDown(0, logits)
        return top
    }

    private func siftDown(_ start: Int, _ logits: UnsafePointer<Float>) {
        func precedes(_ a: Int32, _ b: Int32) -> Bool {
            let (x, y) = (logits[Int(a)], logits[Int(b)])
            return x > y || x == y && a < b
        }
        var root = start
        while true {
            var best = root
            for child in [2 * root + 1, 2 * root + 2] where child < heap.count {
                if precedes(heap[child], heap[best]) { best = child }
            }
            guard best != root else { return }
            heap.swapAt(root, best)
            root = best
        }
    }
}
