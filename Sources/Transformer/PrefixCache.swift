internal import CKernels
internal import Ports

/// Keys and values of one prompt, shared by all completions of its group, in the compute type.
final class PrefixCache {
    let count: Int
    private let model: ModelConfiguration
    private let sizes: KeyValueSizes
    private let memory: KeyValueMemory

    init(_ model: ModelConfiguration, count: Int, type: TensorType) {
        self.model = model
        self.count = count
        sizes = KeyValueSizes(model, capacity: count)
        memory = KeyValueMemory(count: model.layerCount * sizes.layer, type: type)
    }

    func segment(layer: Int, head: Int) -> ck_segment {
        let start = layer * sizes.layer
        return ck_segment(
            key_blocks: memory.at(start + head * sizes.head),
            values: memory.at(start + sizes.keys + head * count * model.headSize),
            value_stride: model.headSize)
    }

    /// Copies a span of a packed batch: its key blocks, and values with the heads side by side.
    func store(
        layer: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, valueStride: Int
    ) {
        var place = layer * sizes.layer
        memory.store(keys, count: sizes.keys, at: place)
        place += sizes.keys
        for head in 0..<model.keyValueHeadCount {
            for position in 0..<count {
                memory.store(
                    values + position * valueStride + head * model.headSize,
                    count: model.headSize, at: place)
                place += model.headSize
            }
        }
        // Vectors may read past the last head.
        memory.clear(KeyValueSizes.slack, at: place)
    }
}

/// Numbers that the keys and values of one layer take: key blocks [keyValueHeads][blocks][headSize][16],
/// then values [keyValueHeads][capacity][headSize].
struct KeyValueSizes {
    /// Readable behind values.
    static let slack = 16

    /// Key blocks of one head.
    var head: Int
    /// Key blocks of all heads.
    var keys: Int
    /// Keys and values.
    var layer: Int

    init(_ model: ModelConfiguration, capacity: Int) {
        head = (capacity + 15) / 16 * 16 * model.headSize
        keys = head * model.keyValueHeadCount
        layer = keys + capacity * model.keyValueWidth + Self.slack
    }
}

/// Numbers of the compute type. In bfloat16 keys and values were rounded when they were computed, so
/// nothing is lost.
final class KeyValueMemory {
    let type: TensorType
    private let buffer: FloatBuffer

    /// Uninitialised.
    init(count: Int, type: TensorType) {
        self.type = type
        buffer = FloatBuffer(count: type == .float32 ? count : (count + 1) / 2)
    }

    private var size: Int { type == .float32 ? 4 : 2 }

    /// Address of a number.
    func at(_ place: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(buffer.pointer) + place * size
    }

    func store(_ values: UnsafePointer<Float>, count: Int, at place: Int) {
        switch type {
        case .float32:
            at(place).copyMemory(from: values, byteCount: count * MemoryLayout<Float>.stride)
        case .bfloat16: ck_round_to_bf16(values, count, halves(at: place))
        }
    }

    func clear(_ count: Int, at place: Int) {
        at(place).initializeMemory(as: UInt8.self, repeating: 0, count: count * size)
    }

    /// Puts one key into the blocks that begin at `place`.
    func storeKey(
        _ key: UnsafePointer<Float>, headSize: Int, position: Int, blocks place: Int
    ) {
        switch type {
        case .float32:
            ck_pack_keys(
                key, 0, 1, headSize, position, at(place).assumingMemoryBound(to: Float.self))
        case .bfloat16: ck_pack_keys_bf16(key, 0, 1, headSize, position, halves(at: place))
        }
    }

    private func halves(at place: Int) -> UnsafeMutablePointer<UInt16> {
        at(place).assumingMemoryBound(to: UInt16.self)
    }
}
