private import Foundation

/// Cosines and sines of rotary position embeddings, [positions][headSize / 2] each.
final class RotaryTable {
    let cosines: FloatBuffer
    let sines: FloatBuffer

    /// Angles are rounded to f32 as in Transformers' implementation, which models were trained
    /// with.
    init(_ model: ModelConfiguration) {
        let half = model.headSize / 2
        cosines = FloatBuffer(count: model.maxPositions * half)
        sines = FloatBuffer(count: model.maxPositions * half)
        let frequencies = (0..<half).map { index in
            Float(pow(model.ropeTheta, -2 * Double(index) / Double(model.headSize)))
        }
        for position in 0..<model.maxPositions {
            for index in 0..<half {
                let angle = Double(Float(position) * frequencies[index])
                cosines.pointer[position * half + index] = Float(cos(angle))
                sines.pointer[position * half + index] = Float(sin(angle))
            }
        }
    }
}
