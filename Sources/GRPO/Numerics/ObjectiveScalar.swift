#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#else
    private import Darwin
#endif

/// What the objective computes in: `Double` in training, `Float` to measure what float32 would lose.
public protocol ObjectiveScalar: BinaryFloatingPoint, Sendable {
    /// eˣ, the C library's.
    static func exponential(_ x: Self) -> Self
    /// eˣ − 1 without the cancellation near 0, the C library's.
    static func exponentialMinusOne(_ x: Self) -> Self
    /// ln x, the C library's.
    static func logarithm(_ x: Self) -> Self
}

extension Double: ObjectiveScalar {
    public static func exponential(_ x: Double) -> Double { exp(x) }
    public static func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
    public static func logarithm(_ x: Double) -> Double { log(x) }
}

extension Float: ObjectiveScalar {
    public static func exponential(_ x: Float) -> Float { expf(x) }
    public static func exponentialMinusOne(_ x: Float) -> Float { expm1f(x) }
    public static func logarithm(_ x: Float) -> Float { logf(x) }
}
