import CZeroMQ

/// A readable option of a socket and the type of its value.
public struct OptionKey<Value: Sendable>: Sendable {
    let number: Int32
    /// As `zmq_setsockopt` spells it, without ZMQ_.
    public let name: String
    let encode: @Sendable (Value) -> OptionBytes?
    let decode: @Sendable (OptionBytes) -> Value?
    /// How libzmq keeps it.
    let shape: OptionShape
}

/// An option's value as libzmq takes it.
enum OptionBytes: Sendable {
    case int32(Int32)
    case int64(Int64)
    case bytes([UInt8])
    /// Handed over where it lies, without another copy.
    case secret(CurveSecretKey)
}

enum OptionShape: Sendable { case int32, int64, bytes, text }

/// The longest option that is read: an ipc endpoint has 114 bytes, a routing id 255, a host name
/// 253.
let optionBytesMax = 1024

extension OptionKey where Value == Int {
    static func count(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name,
            encode: { Int32(exactly: $0).map { .int32($0) } },
            decode: { if case .int32(let value) = $0 { Int(value) } else { nil } },
            shape: .int32)
    }

    static func long(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name,
            encode: { .int64(Int64($0)) },
            decode: { if case .int64(let value) = $0 { Int(value) } else { nil } },
            shape: .int64)
    }
}

extension OptionKey where Value == Bool {
    static func flag(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name,
            encode: { .int32($0 ? 1 : 0) },
            decode: { if case .int32(let value) = $0 { value != 0 } else { nil } },
            shape: .int32)
    }
}

extension OptionKey where Value == Duration {
    /// `unit` is libzmq's; a fraction of it is rounded up, so that "a little" never becomes "off".
    static func duration(
        _ number: Int32, _ name: String, unit: Duration = .milliseconds(1)
    ) -> Self {
        OptionKey(
            number: number, name: name,
            encode: { units(of: $0, unit).map { .int32($0) } },
            decode: { if case .int32(let value) = $0 { unit * Int(value) } else { nil } },
            shape: .int32)
    }
}

extension OptionKey where Value == Duration? {
    /// A duration whose `nil` is libzmq's −1, "for ever" or "the system's choice".
    static func optionalDuration(
        _ number: Int32, _ name: String, unit: Duration = .milliseconds(1)
    ) -> Self {
        OptionKey(
            number: number, name: name,
            encode: { duration in
                guard let duration else { return .int32(-1) }
                return units(of: duration, unit).map { .int32($0) }
            },
            decode: { bytes in
                guard case .int32(let value) = bytes else { return nil }
                return .some(value < 0 ? nil : unit * Int(value))
            },
            shape: .int32)
    }
}

extension OptionKey where Value == [UInt8] {
    static func bytes(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name, encode: { .bytes($0) },
            decode: { if case .bytes(let value) = $0 { value } else { nil } }, shape: .bytes)
    }
}

extension OptionKey where Value == String {
    static func text(_ number: Int32, _ name: String) -> Self {
        OptionKey(
            number: number, name: name, encode: { .bytes([UInt8]($0.utf8)) },
            decode: { bytes in
                guard case .bytes(let value) = bytes else { return nil }
                return String(decoding: value, as: UTF8.self)
            }, shape: .text)
    }
}

/// `duration` in whole units, rounded up; `nil` if negative or beyond 32 bits.
private func units(of duration: Duration, _ unit: Duration) -> Int32? {
    guard duration >= .zero, duration <= unit * Int(Int32.max) else { return nil }
    let quotient = Int32((duration / unit).rounded(.down))
    return unit * Int(quotient) < duration ? quotient + 1 : quotient
}
