/// Gradients of activations; padded rows are zero.
struct ActivationGradients {
    let rows: Int
    /// [rows][hidden]: of the residual stream.
    let residual: UnsafeMutablePointer<Float>
    /// [rows][hidden]
    let normed: UnsafeMutablePointer<Float>
    /// [rows][queries]
    let mixed: UnsafeMutablePointer<Float>
    /// [rows][intermediate]
    let activated: UnsafeMutablePointer<Float>
    /// [rows][2 · intermediate] or [rows][projection]
    let wide: UnsafeMutablePointer<Float>

    init(_ model: ModelConfiguration, rows: Int, memory: GrowingBuffer) {
        self.rows = rows
        let padded = MatrixProducts.paddedRows(rows)
        let wideWidth = max(2 * model.intermediateSize, model.projectionWidth)
        let perRow = 2 * model.hiddenSize + model.queryWidth + model.intermediateSize + wideWidth
        var allocator = MatrixAllocator(
            start: memory.reserve(perRow * padded + 5 * MatrixAllocator.slack), rows: rows,
            padded: padded)
        residual = allocator.matrix(model.hiddenSize)
        normed = allocator.matrix(model.hiddenSize)
        mixed = allocator.matrix(model.queryWidth)
        activated = allocator.matrix(model.intermediateSize)
        wide = allocator.matrix(wideWidth)
    }
}
