/// What weights are stored as, and what the inputs of matrix products are rounded to. Sums, norms,
/// softmax and log-probabilities are f32 either way, and so are master weights and the optimiser.
package enum TensorType: String, Hashable, Sendable, Codable, CaseIterable {
    case float32
    /// The nearest, ties to even. Half the bytes, and twice the speed where the CPU has instructions
    /// for it.
    case bfloat16
}

/// A named f32 tensor to be written: its values are read where they lie, so that an image of half a
/// billion parameters is made without a second copy of them.
package struct NamedTensor {
    package var name: String
    package var shape: [Int]
    package let count: Int
    private let read: (_ body: (UnsafeBufferPointer<Float>) -> Void) -> Void

    /// `read` calls its argument once with `count` values, row-major; `count` should be the product of
    /// `shape`.
    package init(
        name: String, shape: [Int], count: Int,
        read: @escaping (_ body: (UnsafeBufferPointer<Float>) -> Void) -> Void
    ) {
        self.name = name
        self.shape = shape
        self.count = count
        self.read = read
    }

    package init(name: String, shape: [Int], values: [Float]) {
        self.init(name: name, shape: shape, count: values.count) { body in
            values.withUnsafeBufferPointer(body)
        }
    }

    package func withValues(_ body: (UnsafeBufferPointer<Float>) -> Void) { read(body) }

    /// A copy of all values.
    package var values: [Float] {
        get {
            [Float](unsafeUninitializedCapacity: count) { copy, copied in
                withValues { copied = copy.update(fromContentsOf: $0) }
            }
        }
        set { self = NamedTensor(name: name, shape: shape, values: newValue) }
    }
}

/// Read access to the tensors of a file or snapshot image. Values come out as f32 whatever their stored
/// type.
package protocol TensorImage: Sendable {
    var metadata: [String: String] { get }
    /// In file order.
    var names: [String] { get }
    /// The shape, or `nil` where there is no such tensor.
    func shape(of name: String) -> [Int]?
    /// Copies the tensor's values, converted to f32, into `destination`, whose count must be the product
    /// of the shape. Throws where there is no such tensor or its type cannot be converted.
    func copy(_ name: String, into destination: UnsafeMutableBufferPointer<Float>) throws
}

/// Safetensors, seen from the sides that may not import `Checkpoints`.
package protocol TensorCodec: Sendable {
    func decode(_ image: [UInt8]) throws -> any TensorImage
    /// Values are rounded where `type` is narrower.
    func encode(
        _ tensors: [NamedTensor], type: TensorType, metadata: [String: String]
    ) throws -> [UInt8]
}

extension TensorCodec {
    /// In f32.
    package func encode(_ tensors: [NamedTensor], metadata: [String: String]) throws -> [UInt8] {
        try encode(tensors, type: .float32, metadata: metadata)
    }
}
