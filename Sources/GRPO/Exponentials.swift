#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#else
    private import Darwin
#endif

/// exp(x), the C library's.
func exponential(_ x: Double) -> Double { exp(x) }

/// exp(x) − 1 without the cancellation near 0, the C library's.
func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
