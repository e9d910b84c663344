private import Foundation

/// Cosines and sines of rotary position embeddings, [positions][headSize / 2] each. Grows to the
/// longest sequence seen: models allow far more positions than a run uses.
final class RotaryTable {
    private(set) var cosines = FloatBuffer(count: 0)
    private(set) var sines = FloatBuffer(count: 0)
    private var positions = 0
    private let frequencies: [Float]
    private let maxPositions: Int

    /// Frequencies are rounded to f32 as in Transformers' implementation, which models were trained
    /// with.
    init(_ model: ModelConfiguration) {
        maxPositions = model.maxPositions
        frequencies = (0..<model.headSize / 2).map { index in
            let exponent = -2 * Double(index) / Double(model.headSize)
            return Float(model.ropeScaling.scaled(pow(model.ropeTheta, exponent)))
        }
    }

    /// Makes room for `count` positions. Not while another thread reads.
    func require(_ count: Int) {
        precondition(count <= maxPositions, "\(count) positions of at most \(maxPositions)")
        guard count > positions else { return }
        positions = min(maxPositions, max(count, 2 * positions))
        let half = frequencies.count
        cosines = FloatBuffer(count: positions * half)
        sines = FloatBuffer(count: positions * half)
        for position in 0..<positions {
            for (index, frequency) in frequencies.enumerated() {
                // Rounded to f32, as there.
                let angle = Double(Float(position) * frequency)
                cosines.pointer[position * half + index] = Float(cos(angle))
                sines.pointer[position * half + index] = Float(sin(angle))
            }
        }
    }
}
