/// Element types of payload tensors, with safetensors' names.
enum TensorType: String {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case u16 = "U16"
    case i16 = "I16"
    case f16 = "F16"
    case bf16 = "BF16"
    case u32 = "U32"
    case i32 = "I32"
    case f32 = "F32"
    case u64 = "U64"
    case i64 = "I64"
    case f64 = "F64"

    /// Bytes of one element.
    var size: Int {
        switch self {
        case .bool, .u8, .i8: 1
        case .u16, .i16, .f16, .bf16: 2
        case .u32, .i32, .f32: 4
        case .u64, .i64, .f64: 8
        }
    }
}

// Arrays are copied to and from the wire as they lie in memory.
#if _endian(big)
    #error(
        "payloads are little-endian; this host needs byte swapping in PayloadReader and PayloadWriter"
    )
#endif

/// Swift types whose memory is a payload tensor's. Any bit pattern of `size` bytes is a value of each.
protocol TensorElement: BitwiseCopyable {
    static var tensorType: TensorType { get }
}

extension UInt8: TensorElement { static var tensorType: TensorType { .u8 } }
extension UInt32: TensorElement { static var tensorType: TensorType { .u32 } }
extension Int32: TensorElement { static var tensorType: TensorType { .i32 } }
extension Float: TensorElement { static var tensorType: TensorType { .f32 } }
extension Double: TensorElement { static var tensorType: TensorType { .f64 } }
