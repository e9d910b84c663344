/// Floating-point operations that computing groups takes: of products 2 per parameter and row, of
/// attention 4 · layers · heads · head size · context per row. A prompt is computed once for its group,
/// the last token of a completion never, and the output matrix only where a token is predicted.
package struct EngineFlops: Sendable {
    private let model: ModelConfiguration

    package init(_ model: ModelConfiguration) { self.model = model }

    /// Of one forward pass over a group, which is also what sampling it takes; training takes three
    /// times that. Lengths in tokens.
    package func forward(prompt: Int, completion: Int, groupSize: Int) -> Double {
        let own = max(completion - 1, 0)
        let rows = Double(prompt + groupSize * own)
        let predictions = Double(1 + groupSize * own)
        let contexts =
            Double(prompt * (prompt + 1) / 2)
            + Double(groupSize) * (Double(prompt * own) + Double(own * (own + 1) / 2))
        return 2 * Double(layerParameters) * rows + 2 * Double(headParameters) * predictions
            + 4 * Double(model.layerCount * model.queryWidth) * contexts
    }

    /// Parameters of the matrices of all layers.
    private var layerParameters: Int {
        WeightLayout(model).layers.reduce(0) { sum, layer in
            sum + layer.matrices.reduce(0) { $0 + $1.count }
        }
    }

    private var headParameters: Int { model.vocabularySize * model.hiddenSize }
}
