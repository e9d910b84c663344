internal import CKernels

/// Where a pass leaves ∂loss/∂weights, in the weights' layout: the gradient of one block, or the sum of
/// a whole step.
final class GradientSink {
    /// Floats of a product that is added to what is there already.
    private static let pieceFloats = 1 << 20

    /// The weights' part, then the value head's where there is one.
    let buffer: FloatBuffer
    private let layout: WeightLayout
    private let tools: ThreadTools
    /// The block before has left its gradient here; this one's is added.
    private var isSum = false
    private let pieces: [GrowingBuffer]

    var pointer: UnsafeMutablePointer<Float> { buffer.pointer }
    var valueHead: UnsafeMutablePointer<Float> { buffer.pointer + layout.count }

    init(_ buffer: FloatBuffer, _ layout: WeightLayout, tools: ThreadTools) {
        self.buffer = buffer
        self.layout = layout
        self.tools = tools
        pieces = (0..<(tools.team?.threads.count ?? 1)).map { _ in GrowingBuffer() }
    }

    /// Begins a block. `adding`: to what is there already. Otherwise products overwrite their part,
    /// and everything that kernels add to is cleared.
    func begin(adding: Bool) {
        isSum = adding
        guard !adding else { return }
        pointer.update(repeating: 0, count: layout.vectorCount)
        (pointer + layout.count).update(repeating: 0, count: buffer.count - layout.count)
        guard layout.head != layout.embedding else { return }
        (pointer + layout.embedding.offset).update(repeating: 0, count: layout.embedding.count)
    }

    /// The matrix has no gradient in this block.
    func addNothing(to matrix: WeightLayout.Matrix) {
        if !isSum { (pointer + matrix.offset).update(repeating: 0, count: matrix.count) }
    }

    /// Adds doutᵀ · input, for dout [rows][outputs] and input [rows][inputs]. `isFirst`: of the
    /// matrix's products in this block.
    func add(
        _ dout: UnsafePointer<Float>, _ input: UnsafePointer<Float>, rows: Int,
        to matrix: WeightLayout.Matrix, isFirst: Bool = true
    ) {
        let overwrites = isFirst && !isSum
        tools.clock.time(.products) {
            guard let team = tools.team else {
                let step =
                    overwrites ? matrix.outputs : max(1, Self.pieceFloats / matrix.inputs)
                for start in stride(from: 0, to: matrix.outputs, by: step) {
                    let part = start..<min(start + step, matrix.outputs)
                    add(part, dout, input, rows, matrix, overwrites, tools.products, pieces[0])
                }
                return
            }
            let step = ComputeTeam.gradientRows
            team.share((matrix.outputs + step - 1) / step) { item, thread in
                let part = item * step..<min((item + 1) * step, matrix.outputs)
                add(
                    part, dout, input, rows, matrix, overwrites, team.products[thread],
                    pieces[thread])
            }
        }
    }

    /// Some of the outputs.
    private func add(
        _ outputs: Range<Int>, _ dout: UnsafePointer<Float>, _ input: UnsafePointer<Float>,
        _ rows: Int, _ matrix: WeightLayout.Matrix, _ overwrites: Bool, _ products: MatrixProducts,
        _ piece: GrowingBuffer
    ) {
        let count = outputs.count * matrix.inputs
        let target = pointer + matrix.offset + outputs.lowerBound * matrix.inputs
        let product = overwrites ? target : piece.reserve(count)
        products.multiplyTransposed(
            dout + outputs.lowerBound, sourceStride: matrix.outputs, input, rows: rows,
            m: outputs.count, n: matrix.inputs, into: product)
        if !overwrites { ck_add(target, product, count, target) }
    }
}
