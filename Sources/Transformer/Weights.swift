internal import Ports

/// All weights of one model in one buffer; gaps between tensors are zero.
final class Weights {
    let layout: WeightLayout
    let buffer: FloatBuffer

    init(layout: WeightLayout) {
        self.layout = layout
        buffer = FloatBuffer(zeros: layout.count)
    }

    /// Copies every tensor of `image`. `tied`: the image may hold an output matrix, which is not
    /// read.
    convenience init(layout: WeightLayout, image: any TensorImage, tied: Bool) throws {
        self.init(layout: layout)
        try load(image, prefix: "")
        let known = Set(layout.entries.map(\.name))
        for name in image.names where !known.contains(name) {
            let harmless = name.hasSuffix("rotary_emb.inv_freq") || tied && name == "lm_head.weight"
            guard harmless else { throw WeightsError.unknownTensor(name) }
        }
    }

    /// Copies the tensors named `prefix` + name.
    func load(_ image: any TensorImage, prefix: String) throws {
        for entry in layout.entries {
            let name = prefix + entry.name
            guard let shape = image.shape(of: name) else { throw WeightsError.missingTensor(name) }
            guard shape == entry.shape else {
                throw WeightsError.wrongShape(name, expected: entry.shape, found: shape)
            }
            let values = UnsafeMutableBufferPointer(
                start: buffer.pointer + entry.offset, count: entry.count)
            try image.copy(name, into: values)
        }
    }

    /// Copies of all tensors, named `prefix` + name.
    func tensors(prefix: String = "") -> [NamedTensor] {
        layout.entries.map { entry in
            let values = UnsafeBufferPointer(
                start: buffer.pointer + entry.offset, count: entry.count)
            return NamedTensor(name: prefix + entry.name, shape: entry.shape, values: Array(values))
        }
    }
}

/// Why an image does not hold the weights of the configured model.
package enum WeightsError: Error, Hashable, CustomStringConvertible {
    case missingTensor(String)
    case wrongShape(String, expected: [Int], found: [Int])
    case unknownTensor(String)
    case badStep(String?)

    package var description: String {
        switch self {
        case .missingTensor(let name):
            "weights: tensor \(name) is missing; config.json asks for it"
        case .wrongShape(let name, let expected, let found):
            "weights: tensor \(name) has shape \(found); config.json asks for \(expected)"
        case .unknownTensor(let name):
            "weights: tensor \(name) is not part of the model that config.json describes"
        case .badStep(let text):
            "optimiser state: metadata \"step\" is \(text ?? "missing"), not a whole number"
        }
    }
}
