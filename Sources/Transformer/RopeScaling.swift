private import Foundation

/// How rotary frequencies are stretched for contexts longer than a model was first trained on.
package enum RopeScaling: Hashable, Sendable {
    case none
    /// Positions divided by `factor`.
    case linear(factor: Double)
    /// Llama 3.1: long wavelengths divided by `factor`, short ones kept, a smooth step between, after
    /// Transformers' `_compute_llama3_parameters`. Positions in tokens.
    case llama3(
        factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
        originalPositions: Double)

    /// The frequency that takes the place of `frequency`, in radians per position.
    func scaled(_ frequency: Double) -> Double {
        switch self {
        case .none: return frequency
        case .linear(let factor): return frequency / factor
        case .llama3(let factor, let low, let high, let original):
            let wavelength = 2 * Double.pi / frequency
            if wavelength > original / low { return frequency / factor }
            if wavelength < original / high { return frequency }
            let smooth = (original / wavelength - low) / (high - low)
            return frequency * ((1 - smooth) / factor + smooth)
        }
    }

    /// Throws where a frequency would not be a number.
    func validate() throws(ModelConfigurationError) {
        switch self {
        case .none: break
        case .linear(let factor): try Self.check("factor", factor)
        case .llama3(let factor, let low, let high, let original):
            try Self.check("factor", factor)
            try Self.check("low_freq_factor", low)
            try Self.check("high_freq_factor", high)
            try Self.check("original_max_position_embeddings", original)
            guard high > low else {
                throw .init(
                    key: "rope_scaling.high_freq_factor",
                    problem: "is \(high); it must be greater than low_freq_factor, \(low)")
            }
        }
    }

    private static func check(_ key: String, _ value: Double) throws(ModelConfigurationError) {
        guard value > 0, value.isFinite else {
            throw .init(key: "rope_scaling.\(key)", problem: "is \(value); it must be positive")
        }
    }

    /// As `rope_scaling` in `config.json`.
    var json: [String: Any]? {
        switch self {
        case .none: nil
        case .linear(let factor): ["rope_type": "linear", "factor": factor]
        case .llama3(let factor, let low, let high, let original):
            [
                "rope_type": "llama3", "factor": factor, "low_freq_factor": low,
                "high_freq_factor": high, "original_max_position_embeddings": Int(original),
            ]
        }
    }
}
