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
    /// read. Throws `WeightsError` where it is not of this model.
    convenience init(layout: WeightLayout, image: any TensorImage, tied: Bool) throws {
        try layout.check(image, tied: tied)
        self.init(layout: layout)
        try load(image, prefix: "")
    }

    /// Copies the tensors named `prefix` + name.
    func load(_ image: any TensorImage, prefix: String) throws {
        try layout.checkShapes(image, prefix: prefix)
        for entry in layout.entries {
            let values = UnsafeMutableBufferPointer(
                start: buffer.pointer + entry.offset, count: entry.count)
            try image.copy(prefix + entry.name, into: values)
        }
    }

    /// All tensors where they lie, named `prefix` + name.
    func tensors(prefix: String = "") -> [NamedTensor] {
        layout.entries.map { entry in
            NamedTensor(name: prefix + entry.name, shape: entry.shape, count: entry.count) {
                [buffer] body in
                body(UnsafeBufferPointer(start: buffer.pointer + entry.offset, count: entry.count))
            }
        }
    }
}

/// Why an image does not hold the weights of the configured model.
package enum WeightsError: Error, Hashable, CustomStringConvertible {
    case missingTensor(String)
    case wrongShape(String, expected: [Int], found: [Int])
    case unknownTensor(String)
    case badStep(String?)
    case noValueHead

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
        case .noValueHead:
            "optimiser state: it holds no value head (tensor value_head.weight); resume without a "
                + "value baseline, or start the optimiser afresh"
        }
    }
}
