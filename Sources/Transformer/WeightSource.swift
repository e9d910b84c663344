internal import Ports

/// Where a model's compute weights are read from.
protocol WeightSource {
    /// Calls `body` with the matrix [outputs][inputs]. On several threads at once, each with a
    /// `scratch` of its own.
    func withMatrix(
        _ matrix: WeightLayout.Matrix, scratch: GrowingBuffer,
        _ body: (UnsafePointer<Float>) -> Void
    ) throws

    /// Copies all vectors, at their offsets.
    func copyVectors(into destination: UnsafeMutablePointer<Float>) throws
}

extension Weights: WeightSource {
    func withMatrix(
        _ matrix: WeightLayout.Matrix, scratch: GrowingBuffer,
        _ body: (UnsafePointer<Float>) -> Void
    ) {
        body(buffer.pointer + matrix.offset)
    }

    func copyVectors(into destination: UnsafeMutablePointer<Float>) {
        destination.update(from: buffer.pointer, count: layout.vectorCount)
    }
}

/// The tensors of an image, one matrix at a time: the whole model never stands in memory twice.
struct ImageSource: WeightSource {
    let image: any TensorImage
    let layout: WeightLayout

    /// Throws `WeightsError` where the image is not of this model.
    init(_ image: any TensorImage, _ layout: WeightLayout, tied: Bool) throws {
        self.image = image
        self.layout = layout
        try layout.check(image, tied: tied)
    }

    func withMatrix(
        _ matrix: WeightLayout.Matrix, scratch: GrowingBuffer,
        _ body: (UnsafePointer<Float>) -> Void
    ) throws {
        let values = scratch.reserve(matrix.count)
        for entry in layout.entries(of: matrix) {
            try image.copy(
                entry.name,
                into: .init(start: values + entry.offset - matrix.offset, count: entry.count))
        }
        body(values)
    }

    func copyVectors(into destination: UnsafeMutablePointer<Float>) throws {
        for entry in layout.entries where !entry.decays {
            try image.copy(
                entry.name, into: .init(start: destination + entry.offset, count: entry.count))
        }
    }
}

extension WeightLayout {
    /// Throws `WeightsError` unless `image` holds every tensor in its shape, and nothing unknown.
    /// `tied`: it may hold an output matrix, which is not read.
    func check(_ image: any TensorImage, prefix: String = "", tied: Bool) throws(WeightsError) {
        try checkShapes(image, prefix: prefix)
        let known = Set(entries.map(\.name))
        for name in image.names where !known.contains(name) {
            let harmless = name.hasSuffix("rotary_emb.inv_freq") || tied && name == "lm_head.weight"
            guard harmless else { throw WeightsError.unknownTensor(name) }
        }
    }

    func checkShapes(_ image: any TensorImage, prefix: String) throws(WeightsError) {
        for entry in entries {
            let name = prefix + entry.name
            guard let shape = image.shape(of: name) else { throw WeightsError.missingTensor(name) }
            guard shape == entry.shape else {
                throw WeightsError.wrongShape(name, expected: entry.shape, found: shape)
            }
        }
    }
}
